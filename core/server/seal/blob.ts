/** The protobuf BlobInfo of go-kms-wrapping: what a seal's wrapper makes of a few bytes. */
import { noBytes } from '../../codec/bytes.ts';
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';

export interface SealedBlob {
  readonly ciphertext: Uint8Array;
  /** Empty where the wrapper keeps its nonce inside the ciphertext. */
  readonly iv: Uint8Array;
  readonly keyId: string;
  /** The wrapper names no key at all, which is something else than naming none: nothing is ever wrapped again then. */
  readonly nameless?: true;
  /** The service's number for a way to encrypt, where it has several without an envelope; 0 when left out. */
  readonly mechanism?: number;
  /** Envelope encryption: the key of the ciphertext, wrapped by the service, and the service's number for that way. */
  readonly envelope?: { readonly wrappedKey: Uint8Array; readonly mechanism: number };
}

export function serialiseBlob({ ciphertext, iv, keyId, nameless, mechanism = 0, envelope }: SealedBlob): Uint8Array {
  const blob = new ProtobufWriter().bytes(1, ciphertext).bytes(2, iv);
  if (nameless === true) return blob.finish();
  const info = new ProtobufWriter();
  info.uint(1, envelope?.mechanism ?? mechanism);
  info.text(3, keyId);
  if (envelope !== undefined) info.bytes(5, envelope.wrappedKey);
  return blob.explicitBytes(5, info.finish()).finish();
}

/** Throws ProtobufError. */
export function parseBlob(bytes: Uint8Array): SealedBlob {
  const reader = new ProtobufReader(bytes);
  let ciphertext: Uint8Array = noBytes;
  let iv: Uint8Array = noBytes;
  let keyInfo: KeyInfo = { keyId: '', nameless: true };
  while (reader.next()) {
    if (reader.field === 1) ciphertext = reader.bytes();
    else if (reader.field === 2) iv = reader.bytes();
    else if (reader.field === 5) keyInfo = parseKeyInfo(reader.bytes());
  }
  return { ciphertext, iv, ...keyInfo };
}

type KeyInfo = Pick<SealedBlob, 'keyId' | 'nameless' | 'mechanism' | 'envelope'>;

function parseKeyInfo(bytes: Uint8Array): KeyInfo {
  const reader = new ProtobufReader(bytes);
  let keyId = '';
  let mechanism = 0;
  let wrappedKey: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) mechanism = reader.uint();
    else if (reader.field === 3) keyId = reader.text();
    else if (reader.field === 5) wrappedKey = reader.bytes();
  }
  if (wrappedKey !== undefined) return { keyId, envelope: { wrappedKey, mechanism } };
  return mechanism === 0 ? { keyId } : { keyId, mechanism };
}

/** The protobuf BlobInfo of go-kms-wrapping: what a seal's wrapper makes of a few bytes. */
import { noBytes } from '../../codec/bytes.ts';
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';

export interface SealedBlob {
  readonly ciphertext: Uint8Array;
  /** Empty where the wrapper keeps its nonce inside the ciphertext. */
  readonly iv: Uint8Array;
  readonly keyId: string;
}

export function serialiseBlob({ ciphertext, iv, keyId }: SealedBlob): Uint8Array {
  const keyInfo = new ProtobufWriter().text(3, keyId).finish();
  return new ProtobufWriter().bytes(1, ciphertext).bytes(2, iv).explicitBytes(5, keyInfo).finish();
}

/** Throws ProtobufError. */
export function parseBlob(bytes: Uint8Array): SealedBlob {
  const reader = new ProtobufReader(bytes);
  let ciphertext: Uint8Array = noBytes;
  let iv: Uint8Array = noBytes;
  let keyId = '';
  while (reader.next()) {
    if (reader.field === 1) ciphertext = reader.bytes();
    else if (reader.field === 2) iv = reader.bytes();
    else if (reader.field === 5) keyId = parseKeyId(reader.bytes());
  }
  return { ciphertext, iv, keyId };
}

function parseKeyId(keyInfo: Uint8Array): string {
  const reader = new ProtobufReader(keyInfo);
  let keyId = '';
  while (reader.next()) if (reader.field === 3) keyId = reader.text();
  return keyId;
}

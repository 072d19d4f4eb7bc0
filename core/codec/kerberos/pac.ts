/**
 * What Windows adds to tickets about who has them (MS-PAC): the name of the account and the signature. The rest is read
 * for its own sake, as upstream does, which refuses what it cannot read.
 */
import { PacError } from './pac-error.ts';
import { readValidationInfo } from './validation-info.ts';

/** MS-PAC, section 2.4. */
const KIND = { validation: 1, serverSignature: 6, kdcSignature: 7, client: 10 } as const;

/** Bytes of signatures, by the kind of checksum; of all others none is read. */
const SIGNATURE_SIZE: ReadonlyMap<number, number> = new Map([
  [-138, 16],
  [15, 12],
  [16, 12],
]);

export interface Pac {
  /** '' when it names nobody. */
  readonly user: string;
  /** What the service's signature is over: all, with zeros for the signatures. */
  readonly signed: Uint8Array;
  readonly checksumId: number;
  readonly signature: Uint8Array;
}

interface Part {
  readonly kind: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Throws PacError. */
export function readPac(bytes: Uint8Array): Pac {
  const parts = partsOf(bytes);
  const first = (kind: number, name: string): Part => {
    const found = parts.find((part) => part.kind === kind);
    if (found === undefined) throw new PacError(`PAC Info Buffers does not contain a ${name}`);
    return found;
  };
  const user = readValidationInfo(first(KIND.validation, 'KerbValidationInfo').bytes);
  const server = first(KIND.serverSignature, 'ServerChecksum');
  const kdc = first(KIND.kdcSignature, 'KDCChecksum');
  checkClient(first(KIND.client, 'ClientInfo').bytes);
  const signed = bytes.slice();
  for (const { at, bytes: own } of [server, kdc]) signed.fill(0, at + 4, at + 4 + signatureOf(own).signature.length);
  return { user, signed, ...signatureOf(server.bytes) };
}

function partsOf(bytes: Uint8Array): Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length < 8 ? undefined : view.getUint32(0, true);
  if (count === undefined || 8 + count * 16 > bytes.length) throw new PacError('error reading bytes from stream');
  return Array.from({ length: count }, (_, i) => {
    const head = 8 + i * 16;
    const size = view.getUint32(head + 4, true);
    const at = Number(view.getBigUint64(head + 8, true));
    if (at + size > bytes.length) throw new PacError('a buffer of the PAC is not in it');
    return { kind: view.getUint32(head, true), at, bytes: bytes.subarray(at, at + size) };
  });
}

function signatureOf(bytes: Uint8Array): Pick<Pac, 'checksumId' | 'signature'> {
  if (bytes.length < 4) throw new PacError('error processing a checksum');
  const checksumId = new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
  const size = SIGNATURE_SIZE.get(checksumId) ?? 0;
  if (bytes.length < 4 + size) throw new PacError('error processing a checksum');
  return { checksumId, signature: bytes.subarray(4, 4 + size) };
}

/** When, and a name of so many bytes. */
function checkClient(bytes: Uint8Array): void {
  const size = bytes.length < 10 ? undefined : bytes[8]! + 256 * bytes[9]!;
  if (size === undefined || 10 + size - (size % 2) > bytes.length) throw new PacError('error processing ClientInfo');
}

/** Whether a ticket's PAC, where it has one, is signed with the service's key. */
import { noBytes } from '../../codec/bytes.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import type { EncryptionKey } from '../../codec/kerberos/encrypted.ts';
import { PacError } from '../../codec/kerberos/pac-error.ts';
import { readPac } from '../../codec/kerberos/pac.ts';
import { readAllTyped, type Typed } from '../../codec/kerberos/ticket.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { checksumType } from '../../crypto/kerberos/encryption-types.ts';

/** Kinds of data for authorization (RFC 4120, section 7.5.4). */
const IF_RELEVANT = 1;
const PAC = 128;

/** KERB_NON_KERB_CKSUM_SALT. */
const USAGE = 17;

/** The account that it names; '' where there is no PAC. Throws PacError. */
export function checkPac(authorization: readonly Typed[], key: EncryptionKey, crypto: Crypto): string {
  const bytes = pacOf(authorization);
  if (bytes === undefined) return '';
  const { user, signed, checksumId, signature } = readPac(bytes);
  const type = checksumType(crypto, checksumId);
  if (type === undefined) throw new PacError(`unknown or unsupported checksum type: ${checksumId}`);
  // A key that is none of this kind gives no checksum, which is as good as an empty one; as upstream has it.
  if (!crypto.equal(type.checksum(key.value, USAGE, signed) ?? noBytes, signature)) {
    throw new PacError('PAC service checksum verification failed');
  }
  return user;
}

/** The first that stands first in what only matters to who knows it. */
function pacOf(authorization: readonly Typed[]): Uint8Array | undefined {
  for (const { type, bytes } of authorization) {
    if (type !== IF_RELEVANT) continue;
    const [first] = relevant(bytes);
    if (first?.type === PAC) return first.bytes;
  }
  return undefined;
}

/** What cannot be read is passed over. */
function relevant(bytes: Uint8Array): readonly Typed[] {
  try {
    return readAllTyped(new DerReader(bytes));
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

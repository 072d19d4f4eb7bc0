/** Public keys as auth methods take them. */
import { decodePem } from '../../codec/pem.ts';
import type { PublicKey } from '../../crypto/keys/key.ts';
import { parseSpki } from '../../crypto/keys/public-container.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';

/** A key or the key of a certificate, from PEM, in the words of upstream's certutil and Go's x509. Throws. */
export function parsePublicKey(pem: string): PublicKey {
  const { block, rest = '' } = decodePem(pem) ?? {};
  if (rest.trim() !== '') throw new Error('unexpected trailing data after parsed PEM block');
  if (block !== undefined) {
    const key = unlessMalformed(() => parseSpki(block.bytes)) ?? parseCertificate(block.bytes).publicKey;
    if (key !== undefined && key.kind !== 'mldsa') return key;
  }
  throw new Error('data does not contain any valid public keys');
}

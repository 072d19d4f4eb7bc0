/** A certificate and its key as PEM, looked at before anything is done with them: in the words of Go's `X509KeyPair`. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { decodePems, encodePem } from '../core/codec/pem.ts';
import type { PemBlock } from '../core/codec/pem.ts';

const CERTIFICATE = 'CERTIFICATE';
const isKey = ({ type }: PemBlock): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY');
const typesOf = (blocks: readonly PemBlock[]): string => `[${blocks.map(({ type }) => type).join(' ')}]`;

/** Undefined where they go together, and where only a handshake would tell. */
export function keyPairFault(certificate: string, key: string): string | undefined {
  const reason = certificateFault(decodePems(certificate)) ?? keyFault(decodePems(key)) ?? unequal(certificate, key);
  return reason === undefined ? undefined : `tls: ${reason}`;
}

function certificateFault(blocks: readonly PemBlock[]): string | undefined {
  if (blocks.some(({ type }) => type === CERTIFICATE)) return undefined;
  if (blocks.length === 0) return 'failed to find any PEM data in certificate input';
  if (blocks.length === 1 && isKey(blocks[0]!)) {
    const switched = 'PEM inputs may have been switched';
    return `failed to find certificate PEM data in certificate input, but did find a private key; ${switched}`;
  }
  const skipped = `after skipping PEM blocks of the following types: ${typesOf(blocks)}`;
  return `failed to find "CERTIFICATE" PEM block in certificate input ${skipped}`;
}

function keyFault(blocks: readonly PemBlock[]): string | undefined {
  if (blocks.some(isKey)) return undefined;
  if (blocks.length === 0) return 'failed to find any PEM data in key input';
  if (blocks.length === 1 && blocks[0]!.type === CERTIFICATE) {
    return 'found a certificate rather than a key in the PEM for the private key';
  }
  const skipped = `after skipping PEM blocks of the following types: ${typesOf(blocks)}`;
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipped}`;
}

function unequal(certificate: string, key: string): string | undefined {
  const first = decodePems(certificate).find(({ type }) => type === CERTIFICATE)!;
  const own = decodePems(key).find(isKey)!;
  try {
    const certified = new X509Certificate(first.bytes);
    if (certified.checkPrivateKey(createPrivateKey(encodePem(own.type, own.bytes)))) return undefined;
    return 'private key does not match public key';
  } catch {
    return undefined;
  }
}

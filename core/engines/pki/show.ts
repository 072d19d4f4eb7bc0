/** Certificates and keys in the forms that clients ask for. */
import { encodeBase64 } from '../../codec/base64.ts';
import { colonHex } from '../../codec/hex.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodePem } from '../../codec/pem.ts';
import { refuse } from '../../fault.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { PrivateKey } from '../../crypto/keys/key.ts';
import { pkcs8Pem } from '../../crypto/keys/pem.ts';
import { toPkcs1, toPkcs8, toSec1 } from '../../crypto/keys/private-container.ts';
import { keyPem, typeOf } from './key-spec.ts';

export type Format = 'pem' | 'der' | 'pem_bundle';

export const isFormat = (format: string): format is Format =>
  format === 'pem' || format === 'der' || format === 'pem_bundle';

export function checkedFormat(format: string, problem = FORMAT_PROBLEM): Format {
  if (isFormat(format)) return format;
  throw refuse(problem);
}

const FORMAT_PROBLEM = 'the "format" path parameter must be "pem", "der", or "pem_bundle"';

/** Without a line break at the end. */
export const shownPem = (certificate: Uint8Array): string => encodePem('CERTIFICATE', certificate).trimEnd();

export const shownCertificate = (certificate: Uint8Array, format: Format): string =>
  format === 'der' ? encodeBase64(certificate) : shownPem(certificate);

function keyDer(crypto: Crypto, key: PrivateKey): Uint8Array {
  if (key.kind === 'rsa') return toPkcs1(key.key);
  return key.kind === 'ecdsa' ? toSec1(crypto, key.key) : toPkcs8(crypto, key);
}

/** `private_key` and its type. */
export function shownKey(crypto: Crypto, key: PrivateKey, format: Format, keyFormat: string): JsonObject {
  const pkcs8 = keyFormat === 'pkcs8';
  const shown =
    format === 'der'
      ? encodeBase64(pkcs8 ? toPkcs8(crypto, key) : keyDer(crypto, key))
      : pkcs8
        ? pkcs8Pem(crypto, key).trimEnd()
        : keyPem(crypto, key);
  return { private_key: shown, private_key_type: typeOf(key) };
}

/** All in one text: the key, the certificate and who stands behind it. */
export const bundle = (crypto: Crypto, key: PrivateKey | undefined, certificates: readonly Uint8Array[]): string =>
  [...(key === undefined ? [] : [keyPem(crypto, key)]), ...certificates.map(shownPem)].join('\n');

export const serialText = (serial: Uint8Array): string => colonHex(serial);

/** As storage names it. */
export const storedSerial = (text: string): string => text.toLowerCase().replaceAll(':', '-');

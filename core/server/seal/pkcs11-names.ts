/** How `seal "pkcs11"` writes mechanisms and hashes, by name or by number. */
import { parseGoUint } from '../../codec/go-uint.ts';
import type { HashName } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import { CKK, CKM } from './pkcs11-module.ts';

export type Pkcs11Mechanism = 'CKM_AES_GCM' | 'CKM_RSA_PKCS_OAEP';

/** The type of key (CKK_…) that a mechanism needs. */
export const keyTypes: Readonly<Record<Pkcs11Mechanism, number>> = {
  CKM_AES_GCM: CKK.aes,
  CKM_RSA_PKCS_OAEP: CKK.rsa,
};

const numbers: ReadonlyMap<number, Pkcs11Mechanism> = new Map([
  [CKM.aesGcm, 'CKM_AES_GCM'],
  [CKM.rsaOaep, 'CKM_RSA_PKCS_OAEP'],
]);
/** RSA PKCS#1 v1.5, AES-CBC without and with padding: neither says whether what it opens is whole. */
const leftNumbers: ReadonlySet<number> = new Set([0x0001, 0x1082, 0x1085]);
const leftNames: ReadonlySet<string> = new Set(['AES_CBC_PAD', 'RSA_PKCS']);

/** Undefined for ''. Throws a Fault. */
export function mechanismOf(text: string): Pkcs11Mechanism | undefined {
  if (text === '') return undefined;
  const upper = text.toUpperCase();
  const name = upper.replace(/^CKM_/, '');
  if (name === 'AES_GCM') return 'CKM_AES_GCM';
  if (name === 'RSA_PKCS_OAEP') return 'CKM_RSA_PKCS_OAEP';
  if (leftNames.has(name)) throw failure(`deprecated mechanism: ${upper}`);
  let number: number;
  try {
    number = prefixedUint(text);
  } catch {
    throw failure(`unsupported mechanism: ${text}`);
  }
  if (leftNumbers.has(number)) throw failure(`deprecated mechanism: ${upper}`);
  const known = numbers.get(number);
  if (known === undefined) throw failure(`unsupported mechanism: ${text}`);
  return known;
}

/** 32 bits, decimal or after `0x` hexadecimal. Throws an Error with Go's text. */
export const prefixedUint = (text: string): number =>
  text.startsWith('0x') ? parseGoUint(text.slice(2), 32, 16) : parseGoUint(text, 32);

/** The module's numbers of hashes (CKM_…). */
export const hashMechanisms = {
  sha1: 0x220,
  sha224: 0x255,
  sha256: 0x250,
  sha384: 0x260,
  sha512: 0x270,
} as const satisfies Partial<Record<HashName, number>>;
export type OaepHash = keyof typeof hashMechanisms;

/** Throws a Fault; sha256 for ''. */
export function oaepHashOf(text: string): OaepHash {
  const name = text.toLowerCase();
  if (name === '') return 'sha256';
  if (name in hashMechanisms) return name as OaepHash;
  throw failure(`unsupported hash mechanism: ${text}`);
}

/** The kinds of keys that are known, by their numbers. */
import type { Crypto } from '../crypto.ts';
import type { EncryptionType } from './encryption-type.ts';
import { rc4Type } from './rc4-hmac.ts';
import { sha2Types } from './sha2.ts';
import { simplifiedTypes } from './simplified.ts';

const known = (crypto: Crypto): readonly EncryptionType[] => [
  ...simplifiedTypes(crypto),
  ...sha2Types(crypto),
  rc4Type(crypto),
];

export const encryptionType = (crypto: Crypto, id: number): EncryptionType | undefined =>
  known(crypto).find((type) => type.id === id);

export const checksumType = (crypto: Crypto, id: number): EncryptionType | undefined =>
  known(crypto).find((type) => type.checksumId === id);

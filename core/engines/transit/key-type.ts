/** The types of keys, with the numbers that they are stored under and what they can do. */
import type { EcdsaKey } from '../../crypto/crypto.ts';

interface Common {
  readonly name: string;
  /** As policies are stored. */
  readonly id: number;
}

export interface CipherType extends Common {
  readonly kind: 'cipher';
  readonly cipher: 'aes' | 'chacha20' | 'xchacha20';
  /** Bytes. */
  readonly keySize: 16 | 32;
  readonly nonceSize: 12 | 24;
}

export interface RsaType extends Common {
  readonly kind: 'rsa';
  readonly bits: 2048 | 3072 | 4096;
}

export interface EcdsaType extends Common {
  readonly kind: 'ecdsa';
  readonly curve: EcdsaKey['curve'];
  /** As the field calls the curve. */
  readonly curveName: string;
}

export interface Ed25519Type extends Common {
  readonly kind: 'ed25519';
}

export interface HmacType extends Common {
  readonly kind: 'hmac';
}

/** Another server keeps it: which one each version names. */
export interface ExternalType extends Common {
  readonly kind: 'external';
}

export type KeyType = CipherType | RsaType | EcdsaType | Ed25519Type | HmacType | ExternalType;

const aes = { kind: 'cipher', cipher: 'aes', nonceSize: 12 } as const;

const KEY_TYPES: readonly KeyType[] = [
  { ...aes, name: 'aes256-gcm96', id: 0, keySize: 32 },
  { kind: 'ecdsa', name: 'ecdsa-p256', id: 1, curve: 'p256', curveName: 'P-256' },
  { kind: 'ed25519', name: 'ed25519', id: 2 },
  { kind: 'rsa', name: 'rsa-2048', id: 3, bits: 2048 },
  { kind: 'rsa', name: 'rsa-4096', id: 4, bits: 4096 },
  { kind: 'cipher', cipher: 'chacha20', name: 'chacha20-poly1305', id: 5, keySize: 32, nonceSize: 12 },
  { kind: 'ecdsa', name: 'ecdsa-p384', id: 6, curve: 'p384', curveName: 'P-384' },
  { kind: 'ecdsa', name: 'ecdsa-p521', id: 7, curve: 'p521', curveName: 'P-521' },
  { ...aes, name: 'aes128-gcm96', id: 8, keySize: 16 },
  { kind: 'rsa', name: 'rsa-3072', id: 9, bits: 3072 },
  { kind: 'hmac', name: 'hmac', id: 10 },
  { kind: 'cipher', cipher: 'xchacha20', name: 'xchacha20-poly1305', id: 11, keySize: 32, nonceSize: 24 },
];

export const EXTERNAL: ExternalType = { kind: 'external', name: 'external-key', id: 10_000 };

const byName: ReadonlyMap<string, KeyType> = new Map(KEY_TYPES.map((type) => [type.name, type]));
const byId: ReadonlyMap<number, KeyType> = new Map([...KEY_TYPES, EXTERNAL].map((type) => [type.id, type]));

/** Of those whose material is kept here. */
export const keyTypeOf = (name: string): KeyType | undefined => byName.get(name);
export const keyTypeOfId = (id: number): KeyType | undefined => byId.get(id);

/** Bytes of an HMAC key that is made here. */
export const HMAC_KEY_SIZE = { least: 32, most: 512 };

/** What a key elsewhere cannot do its own server refuses. */
export const encrypts = ({ kind }: KeyType): boolean => kind === 'cipher' || kind === 'rsa' || kind === 'external';
export const signs = ({ kind }: KeyType): boolean =>
  kind === 'rsa' || kind === 'ecdsa' || kind === 'ed25519' || kind === 'external';
export const takesAssociatedData = ({ kind }: KeyType): boolean => kind === 'cipher' || kind === 'external';
export const derives = ({ kind }: KeyType): boolean => kind === 'cipher' || kind === 'ed25519';
/** Whether the input of a signature is hashed first, by a hash that the client chooses. */
export const hashesInput = ({ kind }: KeyType): boolean => kind === 'rsa' || kind === 'ecdsa';

/** How a kind of keys of Kerberos encrypts and signs; `usage` is the number of what it is used for (RFC 4120, 7.5.1). */
export interface EncryptionType {
  /** Its number (RFC 3961, section 8), which keys and what they encrypted have with them. */
  readonly id: number;
  /** Of the checksums that its keys make. */
  readonly checksumId: number;
  /** Bytes of a key. */
  readonly keySize: number;
  /** Bytes of chance before the text. */
  readonly confounderSize: number;
  encrypt(key: Uint8Array, usage: number, plaintext: Uint8Array, confounder: Uint8Array): Uint8Array;
  /**
   * Undefined when these bytes are not of this key and this use. Some kinds of text get zeros at their end, which is up to
   * who reads it.
   */
  decrypt(key: Uint8Array, usage: number, sealed: Uint8Array): Uint8Array | undefined;
  /** Undefined for a key of another size. */
  checksum(key: Uint8Array, usage: number, bytes: Uint8Array): Uint8Array | undefined;
}

/** Which of the keys that are derived from one: of encryption, of its integrity, of checksums (RFC 3961, section 5.3). */
export const KEY_FOR = { encryption: 0xaa, integrity: 0x55, checksum: 0x99 } as const;
export type KeyFor = keyof typeof KEY_FOR;

/** The constant that a key is derived with. */
export const keyConstant = (usage: number, purpose: KeyFor): Uint8Array =>
  Uint8Array.of(usage >>> 24, usage >>> 16, usage >>> 8, usage, KEY_FOR[purpose]);

/** A PKCS#11 module as far as a seal asks one (PKCS #11 Cryptographic Token Interface Base Specification 2.40). */

/** Of a session or an object; what the module says, without a meaning of its own. */
export type Pkcs11Handle = number | bigint;

export interface Pkcs11Slot {
  readonly id: number;
  /** Of the token in it, without the blanks that fill it up. */
  readonly label: string;
}

/** A module's refusal: `pkcs11: 0xA0: CKR_PIN_INCORRECT`. */
export class Pkcs11Error extends Error {
  /** The function without its `C_`: 'Login'. */
  readonly call: string;
  /** CKR_… */
  readonly code: number;
  constructor(call: string, code: number, name: string) {
    super(`pkcs11: 0x${code.toString(16).toUpperCase()}: ${name}`);
    this.name = 'Pkcs11Error';
    this.call = call;
    this.code = code;
  }
}

export interface Pkcs11Gcm {
  readonly type: 'aes-gcm';
  readonly iv: Uint8Array;
}

export interface Pkcs11Oaep {
  readonly type: 'rsa-oaep';
  /** CKM_…; the mask is made with the same. */
  readonly hash: number;
}

/** An initialised module, whose calls may take as long as the device takes. All reject with Pkcs11Error. */
export interface Pkcs11Module {
  /** Where it was loaded from, without links. */
  readonly path: string;
  /** Those with a token. */
  slots(): Promise<readonly Pkcs11Slot[]>;
  /** False when somebody else uses it through the same library: who is logged in is a matter of the whole process. */
  claim(slot: number): boolean;
  /** Read-only. */
  openSession(slot: number): Promise<Pkcs11Handle>;
  closeSession(session: Pkcs11Handle): Promise<void>;
  /** As the user; lasts, for all sessions of the slot, until the last of them is closed. */
  login(session: Pkcs11Handle, pin: string): Promise<void>;
  /** At most two of those that have all of these attributes. */
  find(session: Pkcs11Handle, attributes: ReadonlyMap<number, Uint8Array>): Promise<readonly Pkcs11Handle[]>;
  /** In the order of `types` (CKA_…). */
  attributes(session: Pkcs11Handle, object: Pkcs11Handle, types: readonly number[]): Promise<readonly Uint8Array[]>;
  random(session: Pkcs11Handle, length: number): Promise<Uint8Array>;
  /** With the nonce that was used: some devices take one of their own. */
  encrypt(
    session: Pkcs11Handle,
    mechanism: Pkcs11Gcm | Pkcs11Oaep,
    key: Pkcs11Handle,
    plaintext: Uint8Array,
  ): Promise<{ readonly ciphertext: Uint8Array; readonly iv: Uint8Array }>;
  decrypt(
    session: Pkcs11Handle,
    mechanism: Pkcs11Gcm | Pkcs11Oaep,
    key: Pkcs11Handle,
    ciphertext: Uint8Array,
  ): Promise<Uint8Array>;
  /** Logs out and lets go of slot and library. Nothing of it may be used afterwards. */
  close(): Promise<void>;
}

/** Attributes, and what of their values a seal knows. */
export const CKA = {
  class: 0x00,
  label: 0x03,
  keyType: 0x100,
  id: 0x102,
  encrypt: 0x104,
  decrypt: 0x105,
  modulus: 0x120,
  publicExponent: 0x122,
} as const;
export const CKO = { publicKey: 2, privateKey: 3, secretKey: 4 } as const;
/** Mechanisms. */
export const CKM = { rsaOaep: 0x0009, aesGcm: 0x1087 } as const;
export const CKK = { rsa: 0x00, aes: 0x1f } as const;

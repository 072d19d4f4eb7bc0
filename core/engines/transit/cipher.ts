/** Encrypting and decrypting with a policy: `vault:v<version>:<base64 of nonce | ciphertext | tag>`. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import { AuthenticationFailed, type Aead, type Crypto } from '../../crypto/crypto.ts';
import { longestOaep, oaepDecrypt, oaepEncrypt } from '../../crypto/rsa-schemes.ts';
import { failure, refuse, type Fault } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { cipherKeys } from './derive.ts';
import { encrypts, type CipherType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { isPublicOnly } from './material.ts';
import { versionOf, type Policy } from './policy.ts';
import { splitVersioned, versionedText } from './versioned-text.ts';

export interface CipherInput {
  readonly context: Uint8Array;
  readonly associatedData: Uint8Array;
}

function aeadOf(crypto: Crypto, type: CipherType, key: Uint8Array): Aead {
  if (type.cipher === 'aes') return crypto.aesGcm(key);
  return type.cipher === 'chacha20' ? crypto.chacha20Poly1305(key) : crypto.xchacha20Poly1305(key);
}

/** Which version to encrypt with; 0 is the latest. Throws upstream's refusals. */
export function encryptionVersion(policy: Policy, asked: number): number {
  if (asked === 0) return policy.latestVersion;
  if (asked < 0) throw refuse('requested version for encryption is negative');
  if (asked > policy.latestVersion) {
    throw refuse('requested version for encryption is higher than the latest key version');
  }
  if (asked < policy.minEncryptionVersion) {
    throw refuse('requested version for encryption is less than the minimum encryption key version');
  }
  return asked;
}

const SOFT_DELETED = 'refusing to use soft-deleted key';

/** `fault` says whether that is the client's mistake or, as upstream has it in places, the server's. */
export function checkUsable(policy: Policy, fault: (message: string) => Fault = refuse): void {
  if (policy.softDeleted) throw fault(SOFT_DELETED);
}

function encryptRsa(runtime: Runtime, version: KeyVersion, plaintext: Uint8Array): Uint8Array {
  const key = version.rsa ?? version.rsaPublic;
  if (key === undefined) throw failure('cannot encrypt: the key version has no RSA key');
  if (plaintext.length > longestOaep(key, 'sha256')) {
    throw failure('failed to RSA encrypt the plaintext: crypto/rsa: message too long for RSA key size');
  }
  return oaepEncrypt(runtime.crypto, key, 'sha256', plaintext, (length) => runtime.random.bytes(length));
}

/** Upstream asks other servers for encrypting and decrypting, but neither for rewrapping nor for data keys. */
const elsewhere = (): Fault => failure('external key not found or no factory provided to request it');

/** A ciphertext's version and bytes, as far as they can be read without the key. */
export function parseCiphertext(policy: Policy, text: string): { number: number; bytes: Uint8Array } {
  const { number: parsed, rest } = splitVersioned(text, 'invalid ciphertext');
  // The first release counted from zero.
  const number = parsed === 0 ? 1 : parsed;
  if (number > policy.latestVersion) throw refuse('invalid ciphertext: version is too new');
  if (number < policy.minDecryptionVersion) {
    throw refuse('ciphertext or signature version is disallowed by policy (too old)');
  }
  try {
    return { number, bytes: decodeBase64(rest) };
  } catch {
    throw refuse('invalid ciphertext: could not decode base64');
  }
}

function decryptRsa(crypto: Crypto, policy: Policy, version: KeyVersion, bytes: Uint8Array): Uint8Array {
  if (isPublicOnly(policy.type, version) || version.rsa === undefined) {
    throw failure('cannot decrypt ciphertext, key version does not have a private counterpart');
  }
  const opened = oaepDecrypt(crypto, version.rsa, 'sha256', bytes);
  if (opened === undefined) throw failure('failed to RSA decrypt the ciphertext: crypto/rsa: decryption error');
  return opened;
}

/** The ciphers of a mount. */
export class Ciphers {
  readonly #runtime: Runtime;
  /** Made once for a version that nothing is derived from; a derived key is of one request. */
  readonly #prepared = new WeakMap<KeyVersion, Aead>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The cipher, and the key that convergent nonces come from. */
  #cipherOf(
    policy: Policy,
    type: CipherType,
    version: KeyVersion,
    context: Uint8Array,
  ): { aead: Aead; nonceKey: Uint8Array } {
    const { crypto } = this.#runtime;
    const known = policy.derived ? undefined : this.#prepared.get(version);
    if (known !== undefined) return { aead: known, nonceKey: noBytes };
    const { key, nonceKey } = cipherKeys(crypto, policy, version, context, type.keySize);
    const aead = aeadOf(crypto, type, key);
    if (!policy.derived) this.#prepared.set(version, aead);
    return { aead, nonceKey };
  }

  encrypt(policy: Policy, asked: number, plaintext: Uint8Array, { context, associatedData }: CipherInput): string {
    const { type } = policy;
    checkUsable(policy);
    if (!encrypts(type)) throw refuse(`message encryption not supported for key type ${type.name}`);
    const number = encryptionVersion(policy, asked);
    const version = versionOf(policy, number, refuse);
    if (type.kind === 'external') throw elsewhere();
    if (type.kind !== 'cipher') {
      return versionedText(number, encodeBase64(encryptRsa(this.#runtime, version, plaintext)));
    }
    const { crypto, random } = this.#runtime;
    const { aead, nonceKey } = this.#cipherOf(policy, type, version, context);
    // What is equal under one context is to look equal; under another context the key is another one.
    const nonce = policy.convergent
      ? crypto.hmac('sha256', nonceKey, plaintext).subarray(0, type.nonceSize)
      : random.bytes(type.nonceSize);
    const sealed = aead.seal(nonce, plaintext, associatedData);
    const whole = new Uint8Array(nonce.length + sealed.length);
    whole.set(nonce);
    whole.set(sealed, nonce.length);
    return versionedText(number, encodeBase64(whole));
  }

  decrypt(policy: Policy, text: string, { context, associatedData }: CipherInput): Uint8Array {
    const { type } = policy;
    checkUsable(policy);
    if (!encrypts(type)) throw refuse(`message decryption not supported for key type ${type.name}`);
    const { number, bytes } = parseCiphertext(policy, text);
    const version = versionOf(policy, number);
    if (type.kind === 'external') throw elsewhere();
    if (type.kind !== 'cipher') return decryptRsa(this.#runtime.crypto, policy, version, bytes);
    const { aead } = this.#cipherOf(policy, type, version, context);
    if (bytes.length < type.nonceSize) throw refuse('invalid ciphertext length');
    try {
      return aead.open(bytes.subarray(0, type.nonceSize), bytes.subarray(type.nonceSize), associatedData);
    } catch (error) {
      if (!(error instanceof AuthenticationFailed)) throw error;
      const library = type.cipher === 'aes' ? 'cipher' : 'chacha20poly1305';
      throw refuse(`${library}: message authentication failed`);
    }
  }
}

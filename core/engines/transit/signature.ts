/** Signing and verifying with a policy: `vault:v<version>:<signature>`. */
import { decodeBase64, decodeBase64RawUrl, encodeBase64, encodeBase64RawUrl } from '../../codec/base64.ts';
import { digestSize, ECDSA_ENTROPY, type Crypto, type HashName } from '../../crypto/crypto.ts';
import { ecdsaSignatureToDer } from '../../crypto/keys/ecdsa-signature.ts';
import { longestPssSalt, pssSign, pssVerify, rsaSignBare, rsaVerifyBare } from '../../crypto/rsa-schemes.ts';
import { Fault, failure, refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { checkUsable } from './cipher.ts';
import { deriveSeed } from './derive.ts';
import type { TransitHash } from './hashes.ts';
import { rawSignature } from './ecdsa-signature.ts';
import { hashesInput } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { privateKeyOf, publicKeyOfVersion } from './material.ts';
import { versionOf, type Policy } from './policy.ts';
import { splitVersioned, versionedText } from './versioned-text.ts';

/** In bytes, as long as there is room, or as long as a digest. */
export type SaltLength = number | 'auto' | 'hash';

export interface SignatureOptions {
  readonly hash: TransitHash;
  readonly marshaling: 'asn1' | 'jws';
  /** RSA: 'pss' (or '') or 'pkcs1v15'. */
  readonly algorithm: string;
  readonly saltLength: SaltLength;
  readonly prehashed: boolean;
}

const TOO_OLD = 'ciphertext or signature version is disallowed by policy (too old)';
const PADDINGS = new Set(['', 'pss', 'pkcs1v15']);

/** What is signed where the type wants a digest. */
export const toSign = (crypto: Crypto, input: Uint8Array, { hash, prehashed }: SignatureOptions): Uint8Array =>
  prehashed || hash === 'none' ? input : crypto.hash(hash, input);

export const signatureText = (version: number, signature: Uint8Array, { marshaling }: SignatureOptions): string =>
  versionedText(version, marshaling === 'jws' ? encodeBase64RawUrl(signature) : encodeBase64(signature));

export function signingVersion(policy: Policy, asked: number): number {
  if (asked === 0) return policy.latestVersion;
  const requested = 'requested version for signing is';
  if (asked < 0) throw failure(`${requested} negative`);
  if (asked > policy.latestVersion) throw failure(`${requested} higher than the latest key version`);
  if (asked < policy.minEncryptionVersion) {
    throw failure(`${requested} less than the minimum encryption key version`);
  }
  return asked;
}

export interface Signature {
  readonly text: string;
  readonly version: number;
  /** Of a derived key, which the client cannot know otherwise. */
  readonly publicKey?: Uint8Array;
}

export function sign(
  runtime: Runtime,
  policy: Policy,
  asked: number,
  context: Uint8Array,
  input: Uint8Array,
  options: SignatureOptions,
): Signature {
  checkUsable(policy, failure);
  const number = signingVersion(policy, asked);
  const version = versionOf(policy, number);
  const { crypto } = runtime;
  const message = hashesInput(policy.type) ? toSign(crypto, input, options) : input;
  const done = (signature: Uint8Array): string => signatureText(number, signature, options);
  if (policy.derived && policy.type.kind === 'ed25519') {
    const seed = seedOf(crypto, policy, version, context);
    const publicKey = crypto.ed25519Public(seed);
    return { text: done(crypto.ed25519Sign(seed, message)), version: number, publicKey };
  }
  const key = privateKeyOf(policy.type, version);
  if (key === undefined) throw failure('requested version for signing does not contain a private part');
  if (key.kind === 'ed25519') return { text: done(crypto.ed25519Sign(key.seed, message)), version: number };
  if (key.kind === 'ecdsa') {
    const raw = crypto.ecdsaSign(key.key, message, runtime.random.bytes(ECDSA_ENTROPY));
    return { text: done(options.marshaling === 'jws' ? raw : ecdsaSignatureToDer(raw)), version: number };
  }
  if (key.kind !== 'rsa') throw failure(`unsupported key type ${policy.type.name}`);
  return { text: done(signRsa(runtime, key.key, message, options)), version: number };
}

function seedOf(crypto: Crypto, policy: Policy, version: KeyVersion, context: Uint8Array): Uint8Array {
  try {
    return deriveSeed(crypto, policy, version, context);
  } catch (error) {
    if (!(error instanceof Fault) || error.shape !== 'response') throw error;
    throw failure(`error deriving key: ${error.message}`);
  }
}

type RsaPrivate = NonNullable<KeyVersion['rsa']>;
type RsaPublic = NonNullable<KeyVersion['rsaPublic']>;

function checkPadding(algorithm: string): void {
  if (!PADDINGS.has(algorithm)) throw failure(`unsupported rsa signature algorithm ${algorithm}`);
}

/** How long the salt is; for signing, 'auto' is as long as there is room. */
function saltSize(key: RsaPublic, hash: HashName, wanted: SaltLength, fault: (text: string) => Fault): number {
  const longest = longestPssSalt(key, hash);
  if (wanted === 'hash') return digestSize[hash];
  if (wanted === 'auto') return longest;
  if (wanted > longest) throw fault(`requested salt length ${wanted} is invalid`);
  return wanted;
}

function signRsa(runtime: Runtime, key: RsaPrivate, message: Uint8Array, options: SignatureOptions): Uint8Array {
  const { crypto } = runtime;
  const { hash, algorithm, saltLength } = options;
  checkPadding(algorithm);
  if (hash === 'none') {
    if (message.length > key.modulus.length - 11) throw failure('crypto/rsa: message too long for RSA key size');
    return rsaSignBare(crypto, key, message);
  }
  const sized = message.length === digestSize[hash];
  if (algorithm === 'pkcs1v15') {
    if (!sized) throw failure('crypto/rsa: input must be hashed message');
    return crypto.rsaSign(key, hash, message);
  }
  const size = saltSize(key, hash, saltLength, failure);
  if (!sized) throw failure('crypto/rsa: input must be hashed with given hash');
  const signature = pssSign(crypto, key, hash, message, runtime.random.bytes(size));
  if (signature === undefined) throw failure('crypto/rsa: message too long for RSA key size');
  return signature;
}

export function parseSignature(
  policy: Policy,
  text: string,
  marshaling: 'asn1' | 'jws',
): { number: number; bytes: Uint8Array } {
  const { number, rest } = splitVersioned(text, 'invalid signature');
  if (number > policy.latestVersion) throw refuse('invalid signature: version is too new');
  if (number < policy.minDecryptionVersion) throw refuse(TOO_OLD);
  try {
    return { number, bytes: marshaling === 'jws' ? decodeBase64RawUrl(rest) : decodeBase64(rest) };
  } catch {
    throw refuse('invalid base64 signature value');
  }
}

export function verify(
  crypto: Crypto,
  policy: Policy,
  context: Uint8Array,
  input: Uint8Array,
  text: string,
  options: SignatureOptions,
): boolean {
  checkUsable(policy);
  const { number, bytes } = parseSignature(policy, text, options.marshaling);
  const version = versionOf(policy, number);
  const { type } = policy;
  if (type.kind === 'ed25519') {
    const key = policy.derived
      ? crypto.ed25519Public(seedOf(crypto, policy, version, context))
      : publicBytes(crypto, policy, version);
    return crypto.ed25519Verify(key, input, bytes);
  }
  const key = publicKeyOfVersion(crypto, type, version);
  if (type.kind === 'ecdsa' && key?.kind === 'ecdsa') {
    const raw = rawSignature(bytes, type.curve, options.marshaling);
    if (raw === undefined) return false;
    if (options.prehashed || options.hash === 'none') return crypto.ecdsaVerify(key.curve, key.point, input, raw);
    return crypto.ecdsaVerifyMessage(key.curve, key.point, options.hash, input, raw);
  }
  if (key?.kind !== 'rsa') throw failure(`unsupported key type ${type.name}`);
  return verifyRsa(crypto, key.key, toSign(crypto, input, options), bytes, options);
}

function publicBytes(crypto: Crypto, { type }: Policy, version: KeyVersion): Uint8Array {
  const key = publicKeyOfVersion(crypto, type, version);
  if (key?.kind !== 'ed25519') throw failure(`unsupported key type ${type.name}`);
  return key.bytes;
}

function verifyRsa(
  crypto: Crypto,
  key: RsaPublic,
  message: Uint8Array,
  signature: Uint8Array,
  { hash, algorithm, saltLength }: SignatureOptions,
): boolean {
  checkPadding(algorithm);
  if (hash === 'none') return rsaVerifyBare(crypto, key, message, signature);
  if (message.length !== digestSize[hash]) return false;
  if (algorithm === 'pkcs1v15') return crypto.rsaVerify(key, hash, message, signature);
  const salt = saltLength === 'auto' ? 'auto' : saltSize(key, hash, saltLength, refuse);
  return pssVerify(crypto, key, hash, message, signature, salt);
}

/**
 * Keys on their way from one place to another (bring your own key): an AES-256 key for one use, encrypted with RSA-OAEP,
 * and behind it the material wrapped with that key (RFC 5649). Asymmetric keys travel as PKCS#8.
 */
import { encodeBase64 } from '../../codec/base64.ts';
import { concatBytes } from '../../codec/bytes.ts';
import type { Crypto, HashName } from '../../crypto/crypto.ts';
import { toPkcs8 } from '../../crypto/keys/private-container.ts';
import { oaepDecrypt, oaepEncrypt } from '../../crypto/rsa-schemes.ts';
import { failure, refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { signs, type KeyType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { privateKeyOf } from './material.ts';
import type { Policy } from './policy.ts';

const HASHES: Readonly<Record<string, HashName>> = {
  SHA1: 'sha1',
  SHA224: 'sha224',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
};

export function wrappingHash(name: string, problem = refuse): HashName {
  const upper = name.toUpperCase();
  if (!Object.hasOwn(HASHES, upper)) throw problem(`unknown hash function: ${name}`);
  return HASHES[upper]!;
}

const ephemeralBytes = 32;

export function wrapFor(
  runtime: Runtime,
  destination: Policy,
  type: KeyType,
  version: KeyVersion,
  hashName: string,
): string {
  const hash = wrappingHash(hashName, failure);
  const material = materialOf(runtime.crypto, type, version);
  if (!signs(destination.type)) {
    const { name } = destination.type;
    throw failure(`key wrapping (requring message signing) is not supported for key type ${name}`);
  }
  if (destination.type.kind !== 'rsa') throw failure('unsupported key type in use; must be a rsa key');
  const latest = destination.keys.get(destination.latestVersion)!;
  const key = latest.rsa ?? latest.rsaPublic;
  if (key === undefined) throw failure('unsupported key type in use; must be a rsa key');
  const ephemeral = runtime.random.bytes(ephemeralBytes);
  const wrapped = runtime.crypto.wrapKey(ephemeral, material);
  const sealed = oaepEncrypt(runtime.crypto, key, hash, ephemeral, (length) => runtime.random.bytes(length));
  return encodeBase64(concatBytes(sealed, wrapped));
}

function materialOf(crypto: Crypto, type: KeyType, version: KeyVersion): Uint8Array {
  if (type.kind === 'external') throw failure(`unable to export to unknown key type: ${type.name}`);
  if (type.kind === 'cipher' || type.kind === 'hmac') {
    if (version.key === undefined) throw failure('key version has no material');
    return version.key;
  }
  const key = privateKeyOf(type, version);
  if (key === undefined) throw failure('key version does not have a private part');
  return toPkcs8(crypto, key);
}

/** The material that was wrapped for the RSA key. */
export function unwrap(crypto: Crypto, wrapping: Policy, bytes: Uint8Array, hash: HashName): Uint8Array {
  const key = wrapping.keys.get(wrapping.latestVersion)?.rsa;
  if (key === undefined) throw failure('the wrapping key has no private part');
  const size = key.modulus.length;
  if (bytes.length <= size) throw failure('provided ciphertext is too short');
  const ephemeral = oaepDecrypt(crypto, key, hash, bytes.subarray(0, size));
  if (ephemeral === undefined) throw failure('crypto/rsa: decryption error');
  if (ephemeral.length !== ephemeralBytes) throw failure('expected ephemeral AES key to be 256-bit');
  const wrapped = bytes.subarray(size);
  if (wrapped.length < 24) throw failure('kwp: wrapped key size too small');
  if (wrapped.length % 8 !== 0) throw failure('kwp: wrapped key size must be a multiple of 8 bytes');
  const material = crypto.unwrapKey(ephemeral, wrapped);
  if (material === undefined) throw failure('kwp: unwrap failed integrity check');
  return material;
}

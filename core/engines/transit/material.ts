/** The material of a version: making it, taking it in, and giving it out as keys that sign. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { concatBytes, withoutLeadingZeros } from '../../codec/bytes.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { curveSize } from '../../crypto/ecdsa.ts';
import { publicKeyOf, type PrivateKey, type PublicKey } from '../../crypto/keys/key.ts';
import { makePrivateKey } from '../../crypto/keys/make.ts';
import { spkiPem } from '../../crypto/keys/pem.ts';
import { failure } from '../../fault.ts';
import { SECOND, type Runtime } from '../../runtime.ts';
import { HMAC_KEY_SIZE, type KeyType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import type { Policy } from './policy.ts';

type Parts = Partial<KeyVersion>;

const ownHmacKey = 32;

function stamped(runtime: Runtime, parts: Parts, convergentVersion: number): KeyVersion {
  const now = runtime.clock.wall();
  return {
    time: formatRfc3339(now),
    publicKey: '',
    convergentVersion,
    creationTime: Math.trunc(now / SECOND),
    externalKeyRef: '',
    ...(parts.key === undefined ? { hmacKey: runtime.random.bytes(ownHmacKey) } : {}),
    ...parts,
  };
}

/** Convergent keys remember the way their nonces are made; 3: from the plaintext under a derived HMAC key. */
const CONVERGENT_VERSION = 3;

/** A new version's material. RSA keys take their time. `externalKeyRef`: which key elsewhere it is, if it is one. */
export async function makeVersion(runtime: Runtime, policy: Policy, externalKeyRef: string): Promise<KeyVersion> {
  const parts = { ...(await makeParts(runtime, policy)), externalKeyRef };
  return stamped(runtime, parts, policy.convergent ? CONVERGENT_VERSION : 0);
}

async function makeParts(runtime: Runtime, { type, keySize }: Policy): Promise<Parts> {
  const random = (length: number): Uint8Array => runtime.random.bytes(length);
  switch (type.kind) {
    case 'cipher':
      return withHmacKey(random(type.keySize), random);
    case 'hmac': {
      if (keySize < HMAC_KEY_SIZE.least || keySize > HMAC_KEY_SIZE.most) {
        throw failure(
          `invalid key size for HMAC key, must be between ${HMAC_KEY_SIZE.least} and ${HMAC_KEY_SIZE.most} bytes`,
        );
      }
      const key = random(keySize);
      return { key, hmacKey: key };
    }
    case 'external':
      return {};
    case 'ed25519':
      return ofPrivate(runtime.crypto, await makePrivateKey(runtime, { kind: 'ed25519' }), random);
    case 'ecdsa':
      return ofPrivate(runtime.crypto, await makePrivateKey(runtime, { kind: 'ecdsa', curve: type.curve }), random);
    case 'rsa':
      return ofPrivate(runtime.crypto, await makePrivateKey(runtime, { kind: 'rsa', bits: type.bits }), random);
  }
}

const withHmacKey = (key: Uint8Array, random: (length: number) => Uint8Array): Parts => ({
  key,
  hmacKey: random(ownHmacKey),
});

const padded = (bytes: Uint8Array, size: number): Uint8Array => concatBytes(new Uint8Array(size - bytes.length), bytes);

function ofPrivate(crypto: Crypto, key: PrivateKey, random: (length: number) => Uint8Array): Parts {
  return { ...privateParts(crypto, key), hmacKey: random(ownHmacKey) };
}

/** What a version keeps of a private key. */
export function privateParts(crypto: Crypto, key: PrivateKey): Parts {
  const parts = publicParts(publicKeyOf(crypto, key));
  if (key.kind === 'rsa') return { rsa: key.key };
  if (key.kind === 'ecdsa') return { ...parts, ecD: withoutLeadingZeros(key.key.secret) };
  if (key.kind === 'ed25519') return { ...parts, key: concatBytes(key.seed, crypto.ed25519Public(key.seed)) };
  throw failure('unsupported key');
}

/** What a version keeps of a public key whose private part is elsewhere. */
export function publicParts(key: PublicKey): Parts {
  if (key.kind === 'rsa') return { rsaPublic: key.key };
  if (key.kind === 'ed25519') return { publicKey: encodeBase64(key.bytes) };
  if (key.kind === 'mldsa') throw failure('unsupported key');
  const size = curveSize[key.curve];
  const [x, y] = [key.point.slice(1, 1 + size), key.point.slice(1 + size)];
  return { ecX: withoutLeadingZeros(x), ecY: withoutLeadingZeros(y), publicKey: spkiPem(key) };
}

/** A version from outside: as old as its import. */
export const importedVersion = (runtime: Runtime, parts: Parts): KeyVersion =>
  stamped(runtime, { hmacKey: runtime.random.bytes(ownHmacKey), ...parts }, 0);

/** Undefined when only the public part is known. Of types that sign. */
export function privateKeyOf(type: KeyType, version: KeyVersion): PrivateKey | undefined {
  if (type.kind === 'rsa') return version.rsa === undefined ? undefined : { kind: 'rsa', key: version.rsa };
  if (type.kind === 'ed25519') {
    return version.key === undefined ? undefined : { kind: 'ed25519', seed: version.key.subarray(0, 32) };
  }
  if (type.kind !== 'ecdsa' || version.ecD === undefined) return undefined;
  return { kind: 'ecdsa', key: { curve: type.curve, secret: padded(version.ecD, curveSize[type.curve]) } };
}

/** Of types that sign. */
export function publicKeyOfVersion(crypto: Crypto, type: KeyType, version: KeyVersion): PublicKey | undefined {
  const key = privateKeyOf(type, version);
  if (type.kind === 'ecdsa' && version.ecX !== undefined && version.ecY !== undefined) {
    const size = curveSize[type.curve];
    const point = concatBytes(Uint8Array.of(4), padded(version.ecX, size), padded(version.ecY, size));
    return { kind: 'ecdsa', curve: type.curve, point };
  }
  if (key !== undefined) return publicKeyOf(crypto, key);
  if (version.rsaPublic !== undefined) return { kind: 'rsa', key: version.rsaPublic };
  if (type.kind === 'ed25519') return { kind: 'ed25519', bytes: decodeBase64(version.publicKey) };
  return undefined;
}

/** Whether the version was imported as a public key, so that it cannot sign or decrypt. */
export const isPublicOnly = (type: KeyType, version: KeyVersion): boolean =>
  (type.kind === 'rsa' || type.kind === 'ecdsa' || type.kind === 'ed25519') &&
  privateKeyOf(type, version) === undefined;

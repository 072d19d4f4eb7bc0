/** Pairs of keys: made here, or given by the client. */
import { Base64Error } from '../../codec/base64.ts';
import { DerError } from '../../codec/der-reader.ts';
import { SshError } from '../../codec/ssh-wire.ts';
import { makePrivateKey, type KeySpec } from '../../crypto/keys/make.ts';
import { KeyError } from '../../crypto/keys/key-error.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { parseSshPrivateKey, sshPrivatePem } from '../../crypto/ssh/private-key.ts';
import {
  authorizedKey,
  CURVES,
  parseSshPublicKey,
  sshPublicKey,
  type SshPublicKey,
} from '../../crypto/ssh/public-key.ts';
import { refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';

export interface KeyPair {
  /** A line of authorized_keys. */
  readonly publicKey: string;
  /** PEM. */
  readonly privateKey: string;
}

/** Why a pair cannot be made; who asks decides whether that is a refusal or an error. */
export class KeyPairError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyPairError';
  }
}

const RSA_SIZES = [2048, 3072, 4096, 8192] as const;

/** `bits` is 0 for the usual size. */
function specOf(type: string, bits: number): KeySpec {
  switch (type) {
    case 'ssh-rsa':
    case 'rsa':
      return { kind: 'rsa', bits: rsaSize(type, bits) };
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return { kind: 'ecdsa', curve: CURVES[type.slice('ecdsa-sha2-'.length) as keyof typeof CURVES] };
    case 'ec': {
      const curve = new Map([
        [0, CURVES.nistp256],
        [256, CURVES.nistp256],
        [384, CURVES.nistp384],
        [521, CURVES.nistp521],
      ]).get(bits);
      if (curve === undefined) throw new KeyPairError(`unknown ECDSA key pair algorithm and bits: ${type} / ${bits}`);
      return { kind: 'ecdsa', curve };
    }
    case 'ssh-ed25519':
    case 'ed25519':
      return { kind: 'ed25519' };
    default:
      throw new KeyPairError(`unknown ssh key pair algorithm: ${type}`);
  }
}

function rsaSize(type: string, bits: number): (typeof RSA_SIZES)[number] {
  const size = bits === 0 ? 4096 : bits;
  if (size < 2048) throw new KeyPairError(`refusing to generate weak ${type} key: ${size} bits < 2048 bits`);
  const known = RSA_SIZES.find((one) => one === size);
  if (known === undefined) throw new KeyPairError(`unsupported RSA key size: ${size}; use one of ${RSA_SIZES.join()}`);
  return known;
}

/** Rejects with KeyPairError. */
export async function makeKeyPair(runtime: Runtime, type: string, bits: number): Promise<KeyPair> {
  const key = await makePrivateKey(runtime, specOf(type, bits));
  const { crypto, random } = runtime;
  return {
    publicKey: authorizedKey(sshPublicKey(publicKeyOf(crypto, key))),
    privateKey: sshPrivatePem(crypto, key, (length) => random.bytes(length)),
  };
}

/** Gives the text of an error about key material, and throws any other on. */
export function keyErrorText(error: unknown): string {
  const known = [SshError, Base64Error, DerError, KeyError].some((kind) => error instanceof kind);
  if (!known) throw error;
  return (error as Error).message;
}

/** A client's public key, refused with `prefix` before the reason. */
export function parsedPublicKey(text: string, prefix: string): SshPublicKey {
  try {
    return parseSshPublicKey(text);
  } catch (error) {
    throw refuse(`${prefix}${keyErrorText(error)}`);
  }
}

/** A client's pair: both have to be keys, but nobody looks whether they belong together, as upstream does not. */
export function checkPair(runtime: Runtime, { publicKey, privateKey }: KeyPair): void {
  parsedPublicKey(publicKey, 'could not parse public_key provided value: ');
  try {
    parseSshPrivateKey(runtime.crypto, privateKey);
  } catch (error) {
    throw refuse(`could not parse private_key provided value: ${keyErrorText(error)}`);
  }
}

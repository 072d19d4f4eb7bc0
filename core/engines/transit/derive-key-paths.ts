/** A key that two sides share: ECDH of one's own key and the other's public key, and HKDF of the result. */
import { noBytes } from '../../codec/bytes.ts';
import { cleanGoPath } from '../../codec/go-path.ts';
import { DerError } from '../../codec/der-reader.ts';
import { decodePem } from '../../codec/pem.ts';
import { KeyError } from '../../crypto/keys/key-error.ts';
import type { PublicKey } from '../../crypto/keys/key.ts';
import { parsePublicPem } from '../../crypto/keys/pem.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { importDerived } from './import-paths.ts';
import { keyTypeOf } from './key-type.ts';
import { privateKeyOf } from './material.ts';
import { versionOf, type Policy } from './policy.ts';

interface DeriveInput {
  readonly name: string;
  readonly base_key_name: string;
  readonly base_key_version: number;
  readonly peer_public_key: string;
  readonly derived_key_type: string;
  readonly key_derivation_algorithm: string;
}

function peerKey(text: string): PublicKey {
  const problem = 'failed to parse supplied peer public key PEM';
  if (decodePem(text) === undefined) throw failure(`${problem}: data does not contain any valid public keys `);
  try {
    return parsePublicPem(text);
  } catch (error) {
    if (!(error instanceof DerError || error instanceof KeyError)) throw error;
    throw failure(`${problem}: ${error.message} `);
  }
}

function baseVersion(policy: Policy, asked: number): number {
  if (asked === 0) return policy.latestVersion;
  if (asked < 0) throw failure('requested version of the base key is negative');
  if (asked > policy.latestVersion) {
    throw failure('requested version of the base key is higher than the latest key version');
  }
  return asked;
}

async function derive(input: DeriveInput, call: TransitCall): Promise<Answer> {
  if (input.key_derivation_algorithm !== 'ecdh') {
    throw refuse(`key derivation algorithm ${input.key_derivation_algorithm} not supported`);
  }
  if (input.peer_public_key === '') throw refuse('peer public key not provided');
  const type = keyTypeOf(input.derived_key_type);
  if (type?.kind !== 'cipher') throw refuse(`unknown key type ${input.derived_key_type}`);
  const { base_key_name: name } = input;
  if (name === '' || cleanGoPath(`/${name}`) !== `/${name}`) throw failure('cannot load policy with relative name');
  const { state, storage, runtime } = call;
  const base = await state.get(name, storage);
  if (base === undefined) throw refuse('specified base key not found');
  if (base.type.kind !== 'ecdsa') throw refuse(`base key type ${base.type.name} does not support key agreement`);
  const peer = peerKey(input.peer_public_key);
  if (peer.kind !== 'ecdsa') throw failure('supplied peer public key is not an ECDSA key');
  if (peer.curve !== base.type.curve) {
    throw failure(`base private key type ${base.type.name} does not match peer public key curve`);
  }
  const version = versionOf(base, baseVersion(base, input.base_key_version));
  const own = privateKeyOf(base.type, version);
  if (own?.kind !== 'ecdsa') throw failure('requested version of the base key does not contain a private part');
  const shared = runtime.crypto.ecdh(own.key, peer.point);
  if (shared === undefined) throw failure('failed to compute the shared secret');
  const key = runtime.crypto.hkdf('sha256', shared, noBytes, noBytes, type.keySize);
  await importDerived(call, input.name, type, key);
  return undefined;
}

export const deriveKeyPaths = transitPaths().path(
  'derive-key/:name',
  'A key agreed with somebody else.',
  {
    name: field.string('Name of the new key.', { required: true }),
    base_key_name: field.string('Name of the ECDSA key of this side.', { always: true }),
    base_key_version: field.int('Version of that key; 0: the latest.', { always: true }),
    peer_public_key: field.string('Public key of the other side, in PEM.', { always: true }),
    derived_key_type: field.string('Type of the new key: one of the ciphers.', { default: 'aes256-gcm96' }),
    key_derivation_algorithm: field.string('"ecdh".', { default: 'ecdh' }),
  },
  { update: { about: 'Derive a key and keep it.', run: derive } },
  { id: { prefix: 'transit', verb: 'derive', suffix: 'key' } },
);

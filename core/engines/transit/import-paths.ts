/** Keys from outside: as a new key, as a further version, or as the private part of a version that had none. */
import { decodeBase64 } from '../../codec/base64.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { samePublicKey } from '../../crypto/keys/key.ts';
import { spkiPem } from '../../crypto/keys/pem.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import type { Storage } from '../../storage/storage.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { keyTypeOf, signs, type KeyType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { partsOf, type Sent } from './imported-material.ts';
import { importedVersion, isPublicOnly, publicKeyOfVersion } from './material.ts';
import { newPolicy, versionOf, type Policy } from './policy.ts';
import { withVersion, type PolicyStore } from './store.ts';
import { unwrap, wrappingHash } from './wrap.ts';

const WRAPPING_KEY = 'import/wrapping-key';

/** Made when it is first asked for. */
async function wrappingKey(state: PolicyStore, storage: Storage): Promise<Policy> {
  const type = keyTypeOf('rsa-4096')!;
  return (await state.getOrMake(newPolicy(WRAPPING_KEY, type), storage)).policy;
}

interface Material {
  readonly ciphertext: string | undefined;
  readonly public_key: string;
  readonly hash_function: string;
}

async function sent(input: Material, type: KeyType, call: TransitCall): Promise<Sent> {
  if (input.ciphertext === undefined) {
    if (!signs(type)) throw failure('provided type does not support public_key import');
    return { public: input.public_key };
  }
  const hash = wrappingHash(input.hash_function);
  const wrapping = await wrappingKey(call.state, call.storage);
  return { private: unwrap(call.runtime.crypto, wrapping, decoded(input.ciphertext), hash) };
}

function decoded(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    throw error instanceof Error ? failure(error.message) : error;
  }
}

/** A further version, as it is or as the key's first. */
function added(call: TransitCall, policy: Policy, material: Sent): Policy {
  const version = importedVersion(call.runtime, partsOf(call.runtime.crypto, policy.type, material));
  const keySize = policy.type.kind === 'hmac' ? version.key!.length : 0;
  return { ...withVersion(policy, version), keySize };
}

interface ImportInput extends Material {
  readonly name: string;
  readonly type: string;
  readonly allow_rotation: boolean;
  readonly derived: boolean;
  readonly exportable: boolean;
  readonly allow_plaintext_backup: boolean;
  readonly auto_rotate_period: number;
}

async function importKey(input: ImportInput, call: TransitCall): Promise<Answer> {
  if (input.auto_rotate_period > 0 && !input.allow_rotation) {
    throw failure('allow_rotation must be set to true if auto-rotation is enabled');
  }
  const type = keyTypeOf(input.type.toLowerCase());
  if (type === undefined) throw refuse(`unknown key type: ${input.type}`);
  const { state, storage } = call;
  if ((await state.get(input.name, storage)) !== undefined) throw alreadyThere();
  const material = await sent(input, type, call);
  await state.put(input.name, storage, (present) => {
    if (present !== undefined) throw alreadyThere();
    const blank: Policy = {
      ...newPolicy(input.name, type),
      derived: input.derived,
      exportable: input.exportable,
      allowPlaintextBackup: input.allow_plaintext_backup,
      autoRotatePeriod: input.auto_rotate_period,
      allowImportedKeyRotation: input.allow_rotation,
      imported: true,
    };
    return asImport(() => added(call, blank, material));
  });
  return undefined;
}

const alreadyThere = (): Error =>
  failure('the import path cannot be used with an existing key; use import-version to rotate an existing imported key');

function asImport<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Error ? failure(`error importing key: ${error.message}`) : error;
  }
}

async function importVersion(
  input: Material & { readonly name: string; readonly version: number | undefined },
  call: TransitCall,
): Promise<Answer> {
  const { state, storage } = call;
  const known = await state.get(input.name, storage);
  if (known === undefined) {
    throw failure(`no key found with name ${input.name}; to import a new key, use the import/ endpoint`);
  }
  if (!known.imported) throw failure('the import_version endpoint can only be used with an imported key');
  const material = await sent(input, known.type, call);
  await state.change(input.name, storage, (policy) =>
    input.version === undefined
      ? added(call, policy, material)
      : completed(call.runtime.crypto, policy, input.version, material),
  );
  return undefined;
}

/** The version with the private part that it lacked. */
function completed(crypto: Crypto, policy: Policy, number: number, material: Sent): Policy {
  const version = versionOf(policy, number);
  if (!signs(policy.type)) throw failure('provided type does not support importing key versions');
  if (!isPublicOnly(policy.type, version)) {
    throw failure('private key imported, key version cannot be updated');
  }
  if (!('private' in material)) {
    throw failure('cannot add a public key to a key version that already has a public key set');
  }
  const parts = partsOf(crypto, policy.type, material);
  const { rsaPublic: _gone, ...rest } = version;
  const whole: KeyVersion = { ...rest, ...parts };
  const [before, after] = [version, whole].map((one) => publicKeyOfVersion(crypto, policy.type, one)!);
  if (!samePublicKey(before!, after!)) throw failure('cannot import key, key pair does not match');
  return { ...policy, keys: new Map(policy.keys).set(number, whole) };
}

/** Material that was derived rather than sent: a new imported key, or its next version. */
export function importDerived(call: TransitCall, name: string, type: KeyType, key: Uint8Array): Promise<Policy> {
  return call.state.put(name, call.storage, (present) => {
    // Upstream takes the bytes for a public key where they cannot be a private one.
    const material = present !== undefined && signs(present.type) ? { public: '' } : { private: key };
    return asImport(() => added(call, present ?? { ...newPolicy(name, type), imported: true }, material));
  });
}

const materialFields = {
  name: field.string('Name of the key.', { required: true }),
  ciphertext: field.string('The wrapped key: RSA-OAEP of an AES key, and the material under that key; in base64.'),
  public_key: field.string('A public key in PEM, when the private part stays outside.', { always: true }),
  hash_function: field.string('Hash of the wrapping: SHA1, SHA224, SHA256, SHA384 or SHA512.', { default: 'SHA256' }),
};

export const importPaths = transitPaths()
  .path(
    'wrapping_key',
    'The key that imports are wrapped for.',
    {},
    {
      read: {
        about: 'Read its public part.',
        run: async (_, { state, storage, runtime }) => {
          const policy = await wrappingKey(state, storage);
          const key = publicKeyOfVersion(runtime.crypto, policy.type, versionOf(policy, policy.latestVersion))!;
          return { public_key: spkiPem(key) };
        },
      },
    },
    { id: { prefix: 'transit', suffix: 'wrapping-key' } },
  )
  .path(
    'keys/:name/import',
    'A key from outside.',
    {
      ...materialFields,
      type: field.string('Type of the key.', { default: 'aes256-gcm96' }),
      allow_rotation: field.bool('New versions may be made here.', { always: true }),
      derived: field.bool('Each request gives a context, from which its key is derived.', { always: true }),
      exportable: field.bool('The material can be exported.', { always: true }),
      allow_plaintext_backup: field.bool('The key can be backed up as a text.', { always: true }),
      context: field.string('Context of a derived key, in base64.', { always: true }),
      auto_rotate_period: field.duration('How old a version becomes before the next is made; 0: for ever.', {
        default: 0,
      }),
    },
    { update: { about: 'Import a new key.', run: importKey } },
    { id: { prefix: 'transit', verb: 'import', suffix: 'key' } },
  )
  .path(
    'keys/:name/import_version',
    'A further version from outside.',
    { ...materialFields, version: field.int('The version whose private part this is.') },
    { update: { about: 'Import a version of an imported key.', run: importVersion } },
    { id: { prefix: 'transit', verb: 'import', suffix: 'key-version' } },
  );

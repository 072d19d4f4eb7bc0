/** Making keys, reading and listing them, rotating, deleting for good or softly. */
import type { JsonObject } from '../../codec/json.ts';
import { noBytes } from '../../codec/bytes.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { HOUR } from '../../runtime.ts';
import { contextOf } from './base64-field.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { derives, EXTERNAL, HMAC_KEY_SIZE, keyTypeOf, type KeyType } from './key-type.ts';
import { checkReference } from './external.ts';
import { blankPolicy, type Policy } from './policy.ts';
import { shownPolicy } from './show.ts';

export const shown = (policy: Policy, call: TransitCall): JsonObject =>
  shownPolicy(call.runtime.crypto, policy, noBytes);

export function checkRotation(period: number): void {
  if (period !== 0 && period < HOUR) throw refuse('auto rotate period must be 0 to disable or at least an hour');
}

export const nameField = field.string('Name of the key.', { required: true });

const makeFields = {
  name: nameField,
  type: field.string('Type of the key: what it can do, and how.', { default: 'aes256-gcm96' }),
  derived: field.bool('Each request gives a context, from which its key is derived.', { always: true }),
  convergent_encryption: field.bool('The same text encrypts to the same ciphertext; the key has to be derived.', {
    always: true,
  }),
  exportable: field.bool('The material can be exported. This cannot be taken back.', { always: true }),
  allow_plaintext_backup: field.bool('The key can be backed up as a text. This cannot be taken back.', {
    always: true,
  }),
  context: field.string('Context of a derived key, in base64, for reading the key.', { always: true }),
  auto_rotate_period: field.duration('How old a version becomes before the next is made; 0: for ever.', {
    default: 0,
  }),
  key_size: field.int('Bytes of an HMAC key, 32 to 512.', { default: 0 }),
  external_key_ref: field.string('Which key of an external system to use: "<configuration>:<key>".', { always: true }),
};

interface MakeInput {
  readonly name: string;
  readonly type: string;
  readonly derived: boolean;
  readonly convergent_encryption: boolean;
  readonly exportable: boolean;
  readonly allow_plaintext_backup: boolean;
  readonly auto_rotate_period: number;
  readonly key_size: number;
  readonly external_key_ref: string;
}

async function make(input: MakeInput, call: TransitCall): Promise<Answer> {
  checkRotation(input.auto_rotate_period);
  if (input.convergent_encryption && !input.derived) {
    throw refuse('convergent encryption requires derivation to be enabled');
  }
  const type = newType(input);
  if (type === EXTERNAL) await checkExternal(input, call);
  else checkLocal(type, input);
  const known = await call.state.get(input.name, call.storage);
  if (known === undefined) checkDerivation(type, input);
  const { policy } = await call.state.getOrMake(
    {
      ...blankPolicy(input.name, type, { derived: input.derived, convergent: input.convergent_encryption }),
      keySize: input.key_size,
      exportable: input.exportable,
      allowPlaintextBackup: input.allow_plaintext_backup,
      autoRotatePeriod: input.auto_rotate_period,
    },
    call.storage,
    input.external_key_ref,
  );
  return shown(policy, call);
}

function newType({ type }: MakeInput): KeyType {
  const found = type === EXTERNAL.name ? EXTERNAL : keyTypeOf(type);
  if (found === undefined) throw refuse(`unknown key type ${type}`);
  return found;
}

async function checkExternal(input: MakeInput, { system }: TransitCall): Promise<void> {
  const { external_key_ref: reference, auto_rotate_period } = input;
  if (reference === '') throw refuse(`must provide external_key_ref to create policy of type ${EXTERNAL.name}`);
  if (auto_rotate_period !== 0) throw refuse('cannot enable auto-rotation with external keys');
  await checkReference(reference, system);
}

function checkLocal(type: KeyType, { key_size, external_key_ref }: MakeInput): void {
  if (key_size !== 0) checkKeySize(type, key_size);
  if (external_key_ref !== '') throw refuse(`must provide type=${EXTERNAL.name} to use external_key_ref`);
}

function checkKeySize(type: KeyType, size: number): void {
  if (type.kind !== 'hmac') throw refuse(`key_size is not valid for algorithm ${type.name}`);
  if (size < HMAC_KEY_SIZE.least || size > HMAC_KEY_SIZE.most) throw refuse(`invalid key_size ${size}`);
}

function checkDerivation(type: KeyType, { derived, convergent_encryption }: MakeInput): void {
  if (derived && !derives(type)) {
    throw failure(`key derivation and convergent encryption not supported for keys of type ${type.name}`);
  }
  if (convergent_encryption && type.kind === 'ed25519') {
    throw failure(`convergent encryption not supported for keys of type ${type.name}`);
  }
}

async function checkRotatedTo({ type }: Policy, reference: string, { system }: TransitCall): Promise<void> {
  if (type === EXTERNAL) {
    if (reference === '') throw refuse(`must provide external_key_ref to rotate policy of type ${type.name}`);
    await checkReference(reference, system);
  } else if (reference !== '') throw refuse(`cannot use external_key_ref on key of type ${type.name}`);
}

async function softDelete(input: { readonly name: string }, call: TransitCall, softDeleted: boolean): Promise<Answer> {
  let already = false;
  const policy = await call.state.change(input.name, call.storage, (present) => {
    already = present.softDeleted === softDeleted;
    return already ? present : { ...present, softDeleted };
  });
  if (policy === undefined) return undefined;
  const data = shown(policy, call);
  if (!already) return data;
  return reply({
    data,
    warnings: [softDeleted ? 'key was already marked as soft deleted' : 'key was already restored'],
  });
}

export const keyPaths = transitPaths()
  .path(
    'keys',
    'Names of the keys.',
    pageFields,
    {
      list: {
        about: 'List the keys.',
        run: ({ after, limit }, { state, storage }) => state.names(storage, { after, limit }),
      },
    },
    { id: { prefix: 'transit', suffix: 'keys' } },
  )
  .path(
    'keys/:name',
    'A named key.',
    makeFields,
    {
      update: { about: 'Make a key; one that is there stays as it is.', id: { verb: 'create' }, run: make },
      delete: {
        about: 'Delete the key, if its settings allow it.',
        run: async ({ name }, { state, storage }) => state.delete(name, storage),
      },
      read: {
        about: 'Read the settings and public parts of a key.',
        run: async ({ name, context }, { state, storage, runtime }) => {
          const policy = await state.get(name, storage);
          if (policy === undefined) return undefined;
          return shownPolicy(runtime.crypto, policy, policy.derived ? contextOf(context) : noBytes);
        },
      },
    },
    { id: { prefix: 'transit', suffix: 'key' } },
  )
  .path(
    'keys/:name/rotate',
    'Rotation of a key.',
    { name: nameField, external_key_ref: makeFields.external_key_ref },
    {
      update: {
        about: 'Make a new version of the key.',
        run: async ({ name, external_key_ref }, call) => {
          const policy = await call.state.change(name, call.storage, async (present) => {
            await checkRotatedTo(present, external_key_ref, call);
            return call.state.rotated(present, external_key_ref);
          });
          if (policy === undefined) throw refuse('key not found');
          return shown(policy, call);
        },
      },
    },
    { id: { prefix: 'transit', verb: 'rotate', suffix: 'key' } },
  )
  .path(
    'keys/:name/soft-delete',
    'Soft deletion of a key.',
    { name: nameField },
    {
      delete: {
        about: 'Keep the key, but refuse to use it until it is restored.',
        run: (input, call) => softDelete(input, call, true),
      },
    },
    { id: { prefix: 'transit', verb: 'soft-delete', suffix: 'key' } },
  )
  .path(
    'keys/:name/soft-delete-restore',
    'Restoring a softly deleted key.',
    { name: nameField },
    { update: { about: 'Allow the key to be used again.', run: (input, call) => softDelete(input, call, false) } },
    { id: { prefix: 'transit', verb: 'soft-delete-restore', suffix: 'key' } },
  );

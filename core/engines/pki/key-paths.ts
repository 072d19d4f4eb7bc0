/** `keys` and `key/…`: made, taken in, named, removed. */
import { encodePem, onlyPems } from '../../codec/pem.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import { colonHex } from '../../codec/hex.ts';
import type { JsonObject } from '../../codec/json.ts';
import { subjectKeyId } from '../../crypto/x509/key-id.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { lastOf, type PkiCall, pkiPaths, sentName, storeOf } from './call.ts';
import { externalSigner } from './external-keys.ts';
import { byReference, keyRef, KEY_TYPES } from './fields.ts';
import { ImportProblem, parseKeyBlock, takeKey } from './imports.ts';
import { checkedBits, keyTypeRefusal, makeKey, publicOf, typeOf } from './key-spec.ts';
import type { Key } from './model.ts';
import { isEntryName, Unresolved, unresolvedFailure } from './store.ts';

const shownKeyEntry = ({ id, name, type }: Key): JsonObject => ({ key_id: id, key_name: name, key_type: type });

interface GenerateInput {
  readonly key_type: string;
  readonly key_bits: number;
  readonly key_name?: string | undefined;
  readonly external_key_ref?: string | undefined;
}

async function generate(kind: 'internal' | 'exported' | 'kms', input: GenerateInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const sentReference = input.external_key_ref ?? '';
  const reference = sentReference.trim();
  const name = sentName(call, 'key_name', input.key_name);
  return call.state.issuersLock.run(async () => {
    const badName = await store.checkKeyName(name);
    if (badName !== undefined) throw badName;
    if (kind !== 'kms' && reference !== '') {
      throw refuse('cannot specify "external_key_ref" on non-kms typed key generation request');
    }
    if (kind === 'kms') {
      if (sentReference === '') throw refuse('"external_key_ref" is required for kms typed key generation');
      const key = await externalSigner(reference, call.system);
      const { entry } = await takeKey(store, call.runtime, key, name ?? '');
      return { ...shownKeyEntry(entry), key_type: typeOf(key), external_key_ref: reference };
    }
    const checked = checkedBits(input.key_type, input.key_bits);
    if ('problem' in checked) throw keyTypeRefusal(checked.problem);
    if (!call.context.system.active) throw new ReadOnly();
    const { entry } = await takeKey(
      store,
      call.runtime,
      await makeKey(call.runtime, input.key_type, checked.bits),
      name ?? '',
    );
    return { ...shownKeyEntry(entry), ...(kind === 'exported' ? { private_key: entry.privateKey } : {}) };
  });
}

const TOO_SHORT =
  'provided data for import was too short; perhaps a path was passed to the API rather than the contents of a PEM file';

/** What issuers come in is no shorter, in bytes; a key may be. */
const SHORTEST = 75;
const SHORTEST_KEY = 64;

/** Whole blocks of a text, written anew; throws a Fault when something between them is none. */
export function pemBlocks(text: string, shortest = SHORTEST): { readonly type: string; readonly pem: string }[] {
  if (encodeUtf8(text).length < shortest) throw refuse(TOO_SHORT);
  const blocks = onlyPems(text, (number) => refuse(`error when parsing block ${number}: invalid PEM data`));
  return blocks.map(({ type, bytes }) => ({ type, pem: encodePem(type, bytes) }));
}

async function take(pem: string, given: string | undefined, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const name = sentName(call, 'key_name', given);
  return call.state.issuersLock.run(async () => {
    const badName = await store.checkKeyName(name);
    if (badName !== undefined) throw badName;
    // The parameters that come before a key of SEC 1 count, too.
    const [block, another] = pemBlocks(pem, SHORTEST_KEY);
    if (another !== undefined) throw refuse('only a single key can be present within the pem_bundle for importing');
    if (block === undefined) throw refuse('error when parsing block 1: invalid PEM data');
    try {
      const { entry, existing } = await takeKey(store, call.runtime, parseKeyBlock(block.pem), name ?? '');
      const data = shownKeyEntry(entry);
      return existing ? reply({ data, warnings: ['Key already imported, use key/ endpoint to update name.'] }) : data;
    } catch (error) {
      throw error instanceof ImportProblem ? refuse(`failed to parse PEM block: ${error.message}`) : error;
    }
  });
}

async function rename(reference: string, name: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    let key: Key;
    try {
      key = await store.key(reference);
    } catch (error) {
      throw unresolvedFailure(error);
    }
    // Unlike a new key's, another's name or "default" is not refused.
    if (name !== '' && !isEntryName(name)) throw refuse('new key name outside of valid character limits');
    const renamed = { ...key, name };
    if (name !== key.name) await store.keys.put(key.id, renamed);
    const data = shownKeyEntry(renamed);
    if (name !== '') return data;
    return reply({
      data,
      warnings: [`Name successfully deleted, you will now need to reference this key by it's Id: ${key.id}`],
    });
  });
}

async function remove(reference: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    const key = await store.findKey(reference);
    if (key === undefined) return undefined;
    const user = (await store.allIssuers()).find(({ keyId }) => keyId === key.id);
    if (user !== undefined) throw refuse(`Failed to Delete Key.  Key in Use by Issuer: ${user.id}`);
    await store.keys.delete(key.id);
    if ((await store.defaultKey()) !== key.id) return undefined;
    await store.putDefaultKey('');
    return reply({
      warnings: [
        `Deleted key ${key.id} (via key_ref ${reference}); this was configured as the default key. Operations without an explicit key will not work until a new default is configured.`,
      ],
    });
  });
}

const generateFields = {
  external_key_ref: field.string('A key of an external system: "<configuration>:<key>".'),
  key_bits: field.int('How long the key is; 0: the usual length of its type.', { default: 0 }),
  key_name: field.string('A name for the key.'),
  key_type: field.string('"rsa", "ec", "ed25519" or "mldsa".', {
    default: 'rsa',
    allowed: [...KEY_TYPES],
    display: { value: 'rsa' },
  }),
};

export const keyPaths = pkiPaths()
  .path(
    'keys/?',
    'Ids of the keys.',
    pageFields,
    {
      list: {
        about: 'List the keys.',
        run: async ({ after, limit }, call) => {
          const store = storeOf(call);
          const [ids, standard] = [await store.keys.list({ after, limit }), await store.defaultKey()];
          const info: JsonObject = {};
          for (const id of ids) {
            info[id] = { is_default: id === standard, key_name: (await store.keys.get(id))!.name };
          }
          return ids.length === 0 ? [] : { keys: ids, key_info: info };
        },
      },
    },
    { id: { prefix: 'pki', suffix: 'keys' } },
  )
  .path(
    'keys/generate/(internal|exported|kms)',
    'Make a key.',
    generateFields,
    {
      update: {
        about: 'Make a key.',
        forward: true,
        run: (input, call) => generate(lastOf(call) as 'internal' | 'exported' | 'kms', input, call),
      },
    },
    { id: { prefix: 'pki', verb: 'generate', suffix: 'exported-key|internal-key|kms-key' } },
  )
  .path(
    'keys/import',
    'Take in a key.',
    { key_name: field.string('A name for the key.'), pem_bundle: field.string('The key, in PEM.') },
    {
      update: {
        about: 'Take in a key.',
        forward: true,
        run: (input, call) => take(input.pem_bundle ?? '', input.key_name, call),
      },
    },
    { id: { prefix: 'pki', verb: 'import', suffix: 'key' } },
  )
  .path(
    'key/:key_ref',
    'A key, without its private half.',
    { key_ref: keyRef, key_name: field.string('Another name; none takes it away.') },
    {
      read: {
        about: 'Read a key.',
        run: async (input, call) => {
          try {
            const key = await storeOf(call).key(input.key_ref);
            const { crypto } = call.runtime;
            return { ...shownKeyEntry(key), subject_key_id: colonHex(subjectKeyId(crypto, publicOf(crypto, key))) };
          } catch (error) {
            throw error instanceof Unresolved ? failure(error.message) : error;
          }
        },
      },
      update: {
        about: 'Rename a key.',
        forward: true,
        run: (input, call) => rename(input.key_ref, input.key_name ?? '', call),
      },
      delete: {
        about: 'Remove a key that no issuer uses.',
        forward: true,
        run: (input, call) => remove(input.key_ref, call),
      },
    },
    { ...byReference, id: { prefix: 'pki', suffix: 'key' } },
  );

/** Bindings of ACME accounts to accounts of ours (external account bindings): keys that are good for one account. */
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { concatBytes } from '../../../codec/bytes.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { formatSeconds } from '../../../codec/rfc3339.ts';
import { isUuid, makeUuid } from '../../../codec/uuid.ts';
import { failure } from '../../../fault.ts';
import { Collection, collection } from '../../../framework/collection.ts';
import { field } from '../../../framework/field.ts';
import { pageFields } from '../../../framework/page-fields.ts';
import { listing, reply, type Answer } from '../../../framework/reply.ts';
import type { Page } from '../../../storage/storage.ts';
import { pkiPaths, randomOf, type PkiCall } from '../call.ts';
import { byReference } from '../fields.ts';
import { eabForm, type Eab } from './eab-form.ts';
import { DIRECTORIES, placeOf } from './directory.ts';

export const bindings = collection('acme/eab/', eabForm);
export const bindingsOf = (call: PkiCall): Collection<Eab> => new Collection(bindings, call.storage);

const shown = ({ keyType, directory, created }: Eab): JsonObject => ({
  key_type: keyType,
  acme_directory: `${directory}directory`,
  created_on: formatSeconds(created),
});

/** So that no key begins with a hyphen. */
const PREFIX = decodeBase64RawUrl('vault-eab-0-');

async function make(call: PkiCall): Promise<Answer> {
  const random = randomOf(call);
  const id = makeUuid(random);
  const key = concatBytes(PREFIX, random(32));
  const eab: Eab = { keyType: 'hs', key, directory: placeOf(call).name, created: call.now() };
  await bindingsOf(call).put(id, eab);
  return { id, key: encodeBase64RawUrl(key), ...shown(eab) };
}

async function list(page: Page, call: PkiCall): Promise<Answer> {
  const store = bindingsOf(call);
  const names: string[] = [];
  const info: JsonObject = {};
  for (const id of await store.list(page)) {
    const eab = await store.get(id);
    if (eab === undefined) continue;
    names.push(id);
    info[id] = shown(eab);
  }
  return reply(listing(names, info));
}

/** Whether there was one: it is gone before it is used, so that nobody uses it twice. */
export async function takeBinding(id: string, call: PkiCall): Promise<Eab | undefined> {
  return call.transaction(async (storage) => {
    const store = new Collection(bindings, storage);
    const eab = await store.get(id);
    if (eab !== undefined) await store.delete(id);
    return eab;
  });
}

async function remove(id: string, call: PkiCall): Promise<Answer> {
  if (!isUuid(id)) throw failure('badly formatted key_id field');
  if ((await takeBinding(id, call)) !== undefined) return reply({});
  return reply({ warnings: [`No key id found with id: ${id}`] });
}

/** What upstream takes for an id in a path. */
export const UUID = '{[[:alnum:]]{8}-[[:alnum:]]{4}-[[:alnum:]]{4}-[[:alnum:]]{4}-[[:alnum:]]{12}?}';

export const eabPaths = pkiPaths()
  .path('eab/?', 'Bindings that no account has used.', pageFields, {
    list: {
      about: 'List them.',
      id: { prefix: 'pki', verb: 'list-eab-keys' },
      run: ({ after, limit }, call) => list({ after, limit }, call),
    },
  })
  .path(
    `eab/:key_id${UUID}`,
    'A binding that no account has used.',
    { key_id: field.string('Its id.', { required: true }) },
    {
      delete: {
        about: 'Remove it.',
        forward: true,
        id: { prefix: 'pki', verb: 'delete-eab-key' },
        run: (input, call) => remove(input.key_id, call),
      },
    },
  );
for (const { base, fields, eab } of DIRECTORIES) {
  eabPaths.path(
    `${base}/new-eab`,
    'Bindings for accounts of a directory.',
    fields,
    {
      update: {
        about: 'Make one.',
        forward: true,
        id: { prefix: 'pki', verb: 'generate-eab-key', suffix: eab },
        run: (_, call) => make(call),
      },
    },
    byReference,
  );
}

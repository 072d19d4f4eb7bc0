/** Whole keys as texts: every version and setting, in the clear. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { JsonReader } from '../../codec/json-reader.ts';
import { isObject, type JsonValue } from '../../codec/json.ts';
import { kindOf } from '../../codec/json-value.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { failure, refuse } from '../../fault.ts';
import { encodeEntry } from '../../framework/collection.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { checkUsable } from './cipher.ts';
import { archiveForm, decodePolicy, encodePolicy, type Archive, type Policy } from './policy.ts';

const NAME = /^\w(([\w-.]+)?\w)?$/;

async function backUp({ name }: { readonly name: string }, call: TransitCall): Promise<Answer> {
  const { state, storage, runtime } = call;
  const policy = await state.change(name, storage, (present) => {
    checkUsable(present, failure);
    if (!present.exportable) throw failure('exporting is disallowed on the policy');
    if (!present.allowPlaintextBackup) throw failure('plaintext backup is disallowed on the policy');
    const time = formatRfc3339(runtime.clock.wall());
    return { ...present, backupInfo: { time, version: present.latestVersion } };
  });
  if (policy === undefined) throw failure(`key "${name}" not found`);
  const archive = (await state.archive(name, storage)) ?? [];
  const data = new Map<string, JsonValue>([
    ['policy', encodePolicy(policy)],
    ['archived_keys', archiveForm.encode(archive)],
  ]);
  return { backup: encodeBase64(encodeEntry(data)) };
}

function backupOf(text: string): { policy: Policy; archive: Archive } {
  let stored: JsonValue;
  try {
    // What follows the backup is not looked at.
    stored = new JsonReader(decodeBase64(text), 'stream').value();
  } catch (error) {
    throw error instanceof Error ? failure(error.message) : error;
  }
  if (!isObject(stored)) {
    throw failure(`json: cannot unmarshal ${kindOf(stored)} into Go value of type keysutil.KeyData`);
  }
  const { policy, archived_keys: archive } = stored;
  // Upstream dies of a backup without a policy.
  if (policy === undefined || policy === null) throw failure('the backup has no policy');
  if (!isObject(policy)) {
    const kind = kindOf(policy);
    throw failure(`json: cannot unmarshal ${kind} into Go struct field KeyData.policy of type keysutil.Policy`);
  }
  return { policy: decodePolicy(policy), archive: archiveForm.decode(archive ?? null) };
}

async function restore(
  input: { readonly backup: string; readonly name: string; readonly force: boolean },
  call: TransitCall,
): Promise<Answer> {
  if (input.backup === '') throw refuse("'backup' must be supplied");
  if (input.name.includes('/')) throw failure('key names cannot be paths');
  const { policy, archive } = backupOf(input.backup);
  const name = input.name === '' ? policy.name : input.name;
  if (!NAME.test(name)) throw failure('failed restored policy name validator: entry would not be accessible');
  const time = formatRfc3339(call.now());
  await call.state.restore(name, call.storage, (present) => {
    if (present && !input.force) throw failure(`key "${name}" already exists`);
    return [{ ...policy, name, restoreInfo: { time, version: policy.latestVersion } }, archive];
  });
  return undefined;
}

export const backupPaths = transitPaths()
  .path(
    'backup/:name',
    'A backup of a key.',
    { name: field.string('Name of the key.', { required: true }) },
    { read: { about: 'Back up a key whose settings allow it.', run: backUp } },
    { id: { prefix: 'transit', verb: 'back-up', suffix: 'key' } },
  )
  .path(
    'restore(/:name+)?',
    'A key from its backup.',
    {
      name: field.string('Another name than the one that was backed up.', { always: true }),
      backup: field.string('The backup.', { always: true }),
      force: field.bool('Replace a key of this name.', { default: false }),
    },
    { update: { about: 'Restore a key.', run: restore } },
    { id: { prefix: 'transit', verb: 'restore', suffix: 'key|and-rename-key' } },
  );

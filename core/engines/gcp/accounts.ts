/** Accounts set up and taken down: the account itself where it is ours, what it may do, the key of its tokens. */
import { encodeHex } from '../../codec/hex.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { deleteWal, putWal, rollBack } from '../../framework/wal.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import type { GcpAccount } from './account.ts';
import { type Bindings, projectOf } from './bindings.ts';
import { clientOf, type GcpCall, type GcpRunning } from './call.ts';
import type { GoogleAsk } from './client.ts';
import { createAccount, createKey, deleteAccount, deleteKey, type ServiceAccount, setRoles } from './iam.ts';

export const KEY_ALGORITHM = 'KEY_ALG_RSA_2048';
export const KEY_TYPE = 'TYPE_GOOGLE_CREDENTIALS_FILE';

/** What was begun and not finished is undone after it. */
const UNDO_AFTER = 10 * MINUTE;
const LONGEST_ID = 30;

/** Changes what the account may do from `old` to `bindings`. Rejects with GoogleError. */
export async function bind(ask: GoogleAsk, email: string, old: Bindings, bindings: Bindings): Promise<void> {
  for (const resource of new Set([...old.keys(), ...bindings.keys()])) {
    const before = old.get(resource) ?? [];
    const after = bindings.get(resource) ?? [];
    await setRoles(ask, projectOf(resource), email, after, [...before, ...after]);
  }
}

/** An account of the engine's own; known in the notes before it is there. Rejects with GoogleError. */
export async function makeAccount(
  ask: GoogleAsk,
  project: string,
  roleset: string,
  call: GcpCall,
): Promise<{ readonly account: ServiceAccount; readonly note: string }> {
  const suffix = `-${Math.floor(call.now() / SECOND)}`;
  const plain = roleset.replaceAll(/[^a-zA-Z0-9-]/g, '').toLowerCase();
  const id = `vault${plain.slice(0, LONGEST_ID - suffix.length - 'vault'.length)}${suffix}`;
  const email = `${id}@${project}.iam.gserviceaccount.com`;
  const note = await putWal(call.runtime, call.storage, 'account', { Project: project, EmailOrId: email });
  const account = await createAccount(
    ask,
    project,
    id,
    `Service account for Vault secrets backend role set ${roleset}`,
  );
  return { account, note };
}

/** The key of an account's tokens. Rejects with GoogleError. */
export async function makeTokenKey(ask: GoogleAsk, account: ServiceAccount): Promise<GcpAccount['tokenKey']> {
  const { name, privateKeyData: file } = await createKey(ask, account, KEY_ALGORITHM, KEY_TYPE);
  return { name, file };
}

/** What there is of an account that is not needed any more; kept in notes until it is gone. */
export async function takeDown(account: GcpAccount, own: boolean, call: GcpCall): Promise<readonly string[]> {
  const { runtime, storage } = call;
  const about: JsonObject = {
    Project: account.project,
    EmailOrId: account.email,
    Own: own,
    KeyName: account.tokenKey?.name ?? '',
    Bindings: Object.fromEntries([...account.bindings].map(([resource, roles]) => [resource, [...roles]])),
  };
  const note = await putWal(runtime, storage, 'unused', about);
  try {
    await undoUnused(await clientOf(call.running), account.bindings, about);
    await deleteWal(storage, note);
    return [];
  } catch (error) {
    return [`unable to delete resources, will be tried again: ${error instanceof Error ? error.message : ''}`];
  }
}

async function undoUnused(ask: GoogleAsk, bindings: Bindings, about: JsonObject): Promise<void> {
  const text = (name: string): string => asString(about[name]) ?? '';
  const email = text('EmailOrId');
  // What can be used goes first, whatever becomes of the rest.
  if (text('KeyName') !== '') await deleteKey(ask, text('KeyName'));
  if (about['Own'] === true) await deleteAccount(ask, { project: text('Project'), email });
  await bind(ask, email, bindings, new Map());
}

/** Every minute: accounts that no role set has, and what could not be taken down. */
export function undo(running: GcpRunning): Promise<void> {
  return rollBack(running.context.runtime, running.storage, UNDO_AFTER, async (kind, data) => {
    const ask = await clientOf(running);
    const email = asString(data['EmailOrId']) ?? '';
    if (kind === 'account') return deleteAccount(ask, { project: asString(data['Project']) ?? '', email });
    const bindings = Object.entries((data['Bindings'] ?? {}) as JsonObject);
    return undoUnused(ask, new Map(bindings.map(([resource, roles]) => [resource, roles as readonly string[]])), data);
  });
}

/** Whether a key was made under the bindings that are in force. */
export const bindingsHash = (call: GcpCall, { rawBindings }: GcpAccount): string =>
  encodeHex(call.runtime.crypto.hash('sha256', encodeUtf8(rawBindings)));

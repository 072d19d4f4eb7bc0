/** The key outside that a reference means, for a mount that was granted it. */
import { ExternalKeyProblem, type ExternalKey } from '../../framework/external-key.ts';
import type { Runtime } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { externalKeysOf } from './store.ts';
import { ExternalKeyError } from './transit.ts';
import { TransitKey } from './transit-key.ts';

const REFERENCE = /^(\w(?:[\w-.]*\w)?):(\w(?:[\w-.]*\w)?)$/;

/** `storage`: the namespace's; `mount`: its point. Rejects with ExternalKeyProblem. */
export async function grantedKey(
  runtime: Runtime,
  storage: Storage,
  mount: string,
  reference: string,
): Promise<ExternalKey> {
  const [, config, name] = REFERENCE.exec(reference) ?? [];
  if (config === undefined || name === undefined) {
    throw new ExternalKeyProblem('invalid key reference: must be "<config name>:<key name>"');
  }
  const keys = externalKeysOf(storage);
  const [server, key] = [await keys.config(config), await keys.key(config, name)];
  if (server === undefined || key === undefined) throw new ExternalKeyProblem(`key "${reference}" does not exist`);
  if (!key.grants.includes(mount)) {
    throw new ExternalKeyProblem(`mount "${mount}" is missing grant for key "${reference}"`);
  }
  if (server.plugin !== 'transit') throw new ExternalKeyProblem(`unknown plugin: ${server.plugin}`);
  try {
    return new TransitKey(runtime, reference, server.values, key.values);
  } catch (error) {
    throw error instanceof ExternalKeyError ? new ExternalKeyProblem(error.message) : error;
  }
}

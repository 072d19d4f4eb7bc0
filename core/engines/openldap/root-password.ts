/**
 * A new root password is noted before the directory is told. Upstream is not so careful: a crash between the two leaves
 * it with a password that nobody knows.
 */
import { asString } from '../../codec/json-fields.ts';
import { LdapError, NETWORK_ERROR } from '../../codec/ldap/result-code.ts';
import { failure, Fault } from '../../fault.ts';
import { deleteWal, putWal, walsOf } from '../../framework/wal.ts';
import type { Here } from './call.ts';
import type { Config } from './config.ts';
import { configured, makePassword, NotBound, setPasswordOf } from './directory.ts';

const KIND = 'rootRotation';

interface Pending {
  readonly id: string;
  readonly password: string;
}

export async function pendingRootPasswords({ storage, state }: Here): Promise<Pending[]> {
  const notes = (await walsOf(storage, KIND)).filter(({ name }) => name !== state.rotating);
  return notes.map(({ name, data }) => ({ id: name, password: asString(data['new_password']) ?? '' }));
}

/** It was found to be in force. */
export async function adoptRootPassword(config: Config, { id, password }: Pending, here: Here): Promise<void> {
  const { directory } = config;
  await here.store.config.put('config', {
    ...config,
    directory: { ...directory, bindpass: password },
    lastBindPassword: directory.bindpass,
    lastBindPasswordRotation: here.context.runtime.clock.wall(),
  });
  await deleteWal(here.storage, id);
}

/** When somebody said what the password is. */
export async function forgetPending(here: Here): Promise<void> {
  for (const { id } of await pendingRootPasswords(here)) await deleteWal(here.storage, id);
}

/** The directory may have done it although nobody heard of it; of who was not let in it was not asked. */
const mayBeDone = (error: unknown): boolean =>
  error instanceof LdapError ? error.code >= NETWORK_ERROR : !(error instanceof NotBound);

export function rotateRoot(here: Here): Promise<void> {
  return here.state.passwords.run(async () => {
    const before = await configured(here);
    const password = await makePassword(before, here);
    const id = await putWal(here.context.runtime, here.storage, KIND, { new_password: password });
    here.state.rotating = id;
    try {
      await setPasswordOf(before.directory.binddn, password, before, here);
    } catch (error) {
      if (!mayBeDone(error)) await deleteWal(here.storage, id);
      throw error;
    } finally {
      here.state.rotating = undefined;
    }
    try {
      // Binding may have changed what is configured.
      await adoptRootPassword(await configured(here), { id, password }, here);
    } catch (error) {
      if (error instanceof Fault) throw failure(`unable to update password due to storage err: ${error.message}`);
      throw error;
    }
  });
}

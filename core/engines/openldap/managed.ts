/** An account belongs to one static role or one set. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import type { Here } from './call.ts';

export async function managedAccounts({ state, store }: Here): Promise<Set<string>> {
  if (state.managed !== undefined) return state.managed;
  const found = new Set<string>();
  for (const name of await store.staticRoles.list()) {
    const role = await store.staticRoles.get(name);
    if (role !== undefined) found.add(role.username);
  }
  for (const name of await store.sets.list()) {
    for (const account of (await store.sets.get(name))?.accounts ?? []) found.add(account);
  }
  return (state.managed = found);
}

export async function refuseManaged(accounts: readonly string[], here: Here): Promise<void> {
  const managed = await managedAccounts(here);
  const taken = accounts.find((account) => managed.has(account));
  if (taken !== undefined) throw refuse(`${quote(taken)} is already managed by the secrets engine`);
}

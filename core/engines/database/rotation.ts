/** Passwords of static roles: set now, or when their time has come. */
import { quote } from '../../codec/go-quote.ts';
import { asString } from '../../codec/json-fields.ts';
import { failure } from '../../fault.ts';
import { deleteWal, getWal, walsIn, type Wal } from '../../framework/wal.ts';
import { SECOND, type Micros } from '../../runtime.ts';
import { configFor, newPassword, pluginOf, type Mounted } from './call.ts';
import { naming, textOf } from './plugins/plugin.ts';
import { isDue, type Due } from './queue.ts';
import type { StaticRole } from './role.ts';
import { noteRotation, staticRotationIn } from './wal.ts';

/** How long after a failure it is tried again. */
export const RETRY_AFTER: Micros = 10 * SECOND;

/** How often the queue is looked at. */
export const QUEUE_TICK: Micros = 5 * SECOND;

/**
 * A new password into the database, then into storage. `item.wal` names the entry of an attempt that was cut short: its
 * password is taken, as the database may have it already; what is left there after a failure is for the next attempt.
 */
export async function rotate(running: Mounted, role: StaticRole, item: Due): Promise<Micros> {
  const { store, context } = running;
  const config = await configFor(running, role.dbName, item.role);
  if (role.credentialType !== 'password') throw failure(`unsupported credential_type: ${quote(role.credentialType)}`);
  const plugin = await pluginOf(running, role.dbName);
  const { account } = role;
  let password = await attempted(running, item);
  if (password === undefined) {
    const policy = asString(role.credentialConfig?.['password_policy']) ?? config.passwordPolicy;
    password = await newPassword(running, policy);
    const { username, lastRotation } = account;
    const what = { kind: 'staticRotationKey', role: item.role, username, newPassword: password, lastRotation } as const;
    item.wal = await noteRotation(running, what);
  }
  const statements = role.statements.rotation;
  const change = plugin.updateUser({ username: account.username, password: { value: password, statements } });
  await naming('error setting credentials', change);
  const now = context.runtime.clock.wall();
  await store.statics.put(item.role, { ...role, account: { ...account, password, lastRotation: now } });
  await deleteWal(running.storage, item.wal!);
  item.wal = undefined;
  item.at = now + account.rotationPeriod;
  return now;
}

async function attempted({ storage, context }: Mounted, item: Due): Promise<string | undefined> {
  if (item.wal === undefined) return undefined;
  const wal = await getWal(storage, item.wal);
  const what = wal && staticRotationIn(wal);
  if (what !== undefined) return what.newPassword;
  context.runtime.log.write('error', '', 'expected role to have WAL, but WAL not found in storage', {
    role: item.role,
  });
  item.wal = undefined;
  return undefined;
}

/** A role that cannot be rotated does not keep the others from it. */
export async function rotateDue(running: Mounted): Promise<void> {
  const { state, store, context } = running;
  const { clock, log } = context.runtime;
  for (const { role: name } of state.queue.due(clock.wall())) {
    await state.locks.write(name, async () => {
      const item = state.queue.take(name);
      if (item === undefined) return;
      if (!isDue(item, clock.wall())) return state.queue.put(item);
      const role = await store.statics.get(name);
      if (role?.account === undefined) return;
      try {
        await rotate(running, { ...role, account: role.account }, item);
      } catch (error) {
        const shown = { role: name, error: textOf(error) };
        log.write('error', '', 'unable to rotate credentials in periodic function', shown);
        item.at = clock.wall() + RETRY_AFTER;
      }
      state.queue.put(item);
    });
  }
}

/** From storage: what a node that becomes active begins with. Entries that a later rotation has overtaken are removed. */
export async function loadQueue(running: Mounted): Promise<void> {
  const { state, store, storage } = running;
  const left = new Map<string, Wal>();
  for (const wal of await walsIn(storage)) {
    const what = staticRotationIn(wal);
    if (what === undefined) continue;
    const role = await store.statics.get(what.role);
    const other = left.get(what.role);
    const stale = role?.account === undefined || role.account.lastRotation !== what.lastRotation;
    if (stale || (other !== undefined && other.created >= wal.created)) await deleteWal(storage, wal.name);
    else {
      if (other !== undefined) await deleteWal(storage, other.name);
      left.set(what.role, wal);
    }
  }
  state.queue.clear();
  for (const name of await store.statics.list()) {
    const account = (await store.statics.get(name))?.account;
    if (account === undefined) continue;
    // An attempt that was cut short is finished at once: the database may have its password already.
    const wal = left.get(name)?.name;
    const at = wal === undefined ? account.lastRotation + account.rotationPeriod : 0;
    state.queue.put({ role: name, at, wal });
  }
}

/** Rotation of the passwords of static roles: when asked, and when due. */
import { asString } from '../../codec/json-fields.ts';
import { Fault } from '../../fault.ts';
import { deleteWal, getWal, putWal, walsOf } from '../../framework/wal.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import type { Here } from './call.ts';
import { timeOf, timeText } from './config.ts';
import { configured, makePassword, setPasswordOf, setPasswordOfUser } from './directory.ts';
import { nextRotation, type StaticRole } from './static-role.ts';

const KIND = 'staticRotationKey';
/** How often it is looked for roles that are due; upstream's. */
export const TICK = 5 * SECOND;
/** After a rotation that failed. */
export const RETRY = 10 * SECOND;

/** A rotation that did not come to its end; its note, if any, has the password that may be in force. */
export class Unfinished extends Error {
  readonly note: string | undefined;
  constructor(message: string, note: string | undefined) {
    super(message);
    this.name = 'Unfinished';
    this.note = note;
  }
}

/**
 * Sets a new password, or the one in `note`, in the directory, and keeps it. Gives when. Throws Unfinished.
 */
export function rotate(name: string, role: StaticRole, note: string | undefined, here: Here): Promise<Micros> {
  return here.state.passwords.run(async () => {
    const left: { note: string | undefined } = { note };
    try {
      return await carryOut(name, role, left, here);
    } catch (error) {
      throw new Unfinished(error instanceof Error ? error.message : '', left.note);
    }
  });
}

async function carryOut(
  name: string,
  role: StaticRole,
  left: { note: string | undefined },
  here: Here,
): Promise<Micros> {
  const config = await configured(here);
  const { storage, context } = here;
  let password = '';
  if (left.note !== undefined) {
    const found = await getWal(storage, left.note);
    if (found !== undefined && (asString(found.data['password_policy']) ?? '') === config.passwordPolicy) {
      password = asString(found.data['new_password']) ?? '';
    } else {
      // Another policy makes other passwords.
      if (found !== undefined) await deleteWal(storage, left.note);
      left.note = undefined;
    }
  }
  if (password === '') password = await makePassword(config, here);
  left.note ??= await putWal(context.runtime, storage, KIND, {
    new_password: password,
    role_name: name,
    username: role.username,
    dn: role.dn,
    password_policy: config.passwordPolicy,
    last_vault_rotation: timeText(role.lastRotation),
  });
  if (role.dn === '') await setPasswordOfUser(role.username, password, config, here);
  else await setPasswordOf(role.dn, password, config, here);
  const now = context.runtime.clock.wall();
  await here.store.staticRoles.put(name, { ...role, password, lastPassword: role.password, lastRotation: now });
  await deleteWal(storage, left.note);
  return now;
}

/** Those of a role that is gone, or was never made. */
export async function forgetRotation(name: string, { storage }: Pick<Here, 'storage'>): Promise<void> {
  for (const { name: id, data } of await walsOf(storage, KIND)) {
    if (asString(data['role_name']) === name) await deleteWal(storage, id);
  }
}

/** What is in storage, as the queue has it: notes of interrupted rotations are taken up at once. */
export async function fillQueue(here: Here): Promise<void> {
  const { store, state, context } = here;
  const notes = new Map((await walsOf(here.storage, KIND)).map((note) => [asString(note.data['role_name']), note]));
  for (const name of await store.staticRoles.list()) {
    const role = await store.staticRoles.get(name);
    if (role === undefined) continue;
    const note = notes.get(name);
    const noted = note === undefined ? undefined : timeOf(note.data['last_vault_rotation']);
    const stale = note !== undefined && (noted === undefined || noted < (role.lastRotation ?? 0));
    if (stale) await deleteWal(here.storage, note.name);
    const due = note === undefined || stale ? nextRotation(role) : context.runtime.clock.wall();
    state.queue.set(name, { at: due, note: stale ? undefined : note?.name });
  }
}

/** Rotates what is due. A failure is tried again, with the password that was noted. */
export async function rotateDue(here: Here): Promise<void> {
  const { state, store, context } = here;
  const { clock, log } = context.runtime;
  for (const name of state.queue.dueAt(clock.wall())) {
    if (state.life.cancelled) return;
    await state.roles.write(name, async () => {
      const due = state.queue.take(name);
      const role = await store.staticRoles.get(name);
      if (due === undefined || role === undefined) return;
      try {
        const at = await rotate(name, role, due.note, here);
        state.queue.set(name, { at: at + role.rotationPeriod });
      } catch (error) {
        if (!(error instanceof Unfinished) && !(error instanceof Fault)) throw error;
        log.write('error', '', 'unable to rotate credentials in periodic function', {
          error: error.message,
        });
        const note = error instanceof Unfinished ? error.note : due.note;
        state.queue.set(name, { at: clock.wall() + RETRY, note });
      }
    });
  }
}

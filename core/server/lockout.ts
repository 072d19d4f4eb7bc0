/** User lockout: after too many failed logins a user of a mount has to wait (facts §6.5). In memory, per node. */
import { parseBool } from '../codec/go-bool.ts';
import { Fault, failure } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import { MINUTE } from '../runtime.ts';
import type { Clock, Micros, Runtime } from '../runtime.ts';
import { isRelative } from '../storage/view.ts';
import type { Active } from './active.ts';
import { variableOf } from './configuration/variable.ts';
import type { LockoutStanza } from './configuration/lockout.ts';
import type { MountEntry } from './mounts/entry.ts';

interface Failures {
  readonly accessor: string;
  readonly alias: string;
  count: number;
  /** Wall micros of the last one. */
  last: number;
}

/** After BAO_ or VAULT_. */
const DISABLED = 'DISABLE_USER_LOCKOUT';

export const lockoutsFor = (runtime: Runtime, stanzas?: readonly LockoutStanza[]): Lockouts =>
  new Lockouts(runtime.clock, stanzas, variableOf(runtime, DISABLED));

const lockable: ReadonlySet<string> = new Set(['userpass', 'approle', 'ldap']);

interface Settings {
  readonly threshold: number;
  readonly duration: Micros;
  readonly counterReset: Micros;
  readonly disable: boolean;
}

const defaults: Settings = { threshold: 5, duration: 15 * MINUTE, counterReset: 15 * MINUTE, disable: false };

export class Lockouts {
  readonly #clock: Clock;
  readonly #stanzas: readonly LockoutStanza[];
  readonly #disabled: string;
  readonly #failures = new Map<string, Failures>();

  /**
   * `stanzas` are the configuration's: one for a method counts more than one for all, a mount's own most. `disabled` is
   * the environment's word, which counts more than all of them.
   */
  constructor(clock: Clock, stanzas: readonly LockoutStanza[] = [], disabled = '') {
    this.#clock = clock;
    this.#stanzas = stanzas;
    this.#disabled = disabled;
  }

  /** Throws a Fault when the environment's word is none. */
  applies(entry: MountEntry): boolean {
    return lockable.has(entry.type) && !this.#off() && !this.#settings(entry).disable;
  }

  #off(): boolean {
    if (this.#disabled === '') return false;
    try {
      return parseBool(this.#disabled);
    } catch {
      throw failure(`Error parsing the environment variable BAO_${DISABLED}`);
    }
  }

  #settings(entry: MountEntry): Settings {
    const layers = [
      this.#stanzas.find(({ type }) => type === 'all'),
      this.#stanzas.find(({ type }) => type === entry.type),
      entry.config.userLockout,
    ];
    return layers.reduce<Settings>(
      (found, layer) => ({
        threshold: layer?.threshold || found.threshold,
        duration: layer?.duration || found.duration,
        counterReset: layer?.counterReset || found.counterReset,
        disable: layer?.disable ?? found.disable,
      }),
      defaults,
    );
  }

  isLocked(entry: MountEntry, alias: string): boolean {
    const failures = this.#failures.get(keyOf(entry.accessor, alias));
    if (failures === undefined) return false;
    const { threshold, duration } = this.#settings(entry);
    if (failures.count < threshold) return false;
    if (this.#clock.wall() - failures.last < duration) return true;
    this.#failures.delete(keyOf(entry.accessor, alias));
    return false;
  }

  failed(entry: MountEntry, alias: string): void {
    const key = keyOf(entry.accessor, alias);
    const now = this.#clock.wall();
    const old = this.#failures.get(key);
    const fresh = old === undefined || now - old.last >= this.#settings(entry).counterReset;
    const count = fresh ? 1 : old.count + 1;
    this.#failures.set(key, { accessor: entry.accessor, alias, count, last: now });
  }

  succeeded(entry: MountEntry, alias: string): void {
    this.#failures.delete(keyOf(entry.accessor, alias));
  }

  unlock(accessor: string, alias: string): void {
    this.#failures.delete(keyOf(accessor, alias));
  }

  /** Names by mount accessor, of those at the default threshold or above. */
  locked(): ReadonlyMap<string, readonly string[]> {
    const out = new Map<string, string[]>();
    for (const { accessor, alias, count } of this.#failures.values()) {
      if (count < defaults.threshold) continue;
      out.set(accessor, [...(out.get(accessor) ?? []), alias].sort());
    }
    return out;
  }
}

/** Whom a login request is for, where that user can be locked out. */
export async function lockableUser(request: Request, active: Active): Promise<User | undefined> {
  const route = active.mounts.match(request.path);
  if (route === undefined || !active.lockouts.applies(route.entry)) return undefined;
  try {
    const found = await active.mounts.router.route({ ...request, operation: 'alias-lookahead' });
    const alias = found?.auth?.alias?.name;
    if (alias === undefined) return undefined;
    // Upstream keeps who is locked out in the storage, under this name.
    if (isRelative(alias)) throw failure('relative paths not supported');
    return { entry: route.entry, alias };
  } catch (error) {
    // What the login would refuse with 400 is an internal error when it happens this early.
    if (error instanceof Fault && error.message.startsWith('Field validation failed')) throw failure(error.message);
    // A method without lookahead, or a refusal that the login itself will repeat.
    if (error instanceof Fault && (error.shape === 'response' || error.message.startsWith('unsupported '))) {
      return undefined;
    }
    throw error;
  }
}

export interface User {
  readonly entry: MountEntry;
  readonly alias: string;
}

const keyOf = (accessor: string, alias: string): string => `${accessor}\n${alias}`;

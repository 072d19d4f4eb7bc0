/**
 * The HA lock on PostgreSQL (facts §3.3): a row that its holder keeps valid, by the database's clock. Who finds it
 * expired takes it over.
 */
import { StorageFailed } from '../../fault.ts';
import { type Clock, type Micros, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { pause } from '../../ticker.ts';
import { type LockStatements, lockStatements, type Sql, type SqlAnswer } from './sql.ts';

const RENEWAL: Micros = 5 * SECOND;
const RETRY: Micros = SECOND;
/** How long the database may take over one statement. */
const PATIENCE: Micros = 10 * SECOND;

export interface LockWays {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly table: string;
}

export class PostgresLock {
  readonly #ways: LockWays;
  readonly #texts: LockStatements;
  readonly #key: string;
  readonly #value: string;
  /** Of this one lock: a node that takes it again is another holder. */
  readonly #identity: string;
  /** While it is kept valid. */
  #renewing = new Scope();

  constructor(ways: LockWays, key: string, value: string, identity: string) {
    this.#ways = ways;
    this.#texts = lockStatements(ways.table);
    this.#key = key;
    this.#value = value;
    this.#identity = identity;
  }

  /**
   * Resolves when held, with a scope that is cancelled when it is lost; with undefined when `stop` was cancelled first.
   * Rejects when the database cannot be asked; the caller tries again later.
   */
  async lock(stop: Scope): Promise<Scope | undefined> {
    do {
      if (!(await pause(this.#ways.clock, RETRY, stop))) return undefined;
    } while (!(await this.#take()));
    if (stop.cancelled) {
      await this.unlock();
      return undefined;
    }
    const held = new Scope();
    this.#renewing = new Scope(held);
    void this.#renew(held, this.#renewing);
    return held;
  }

  async unlock(): Promise<void> {
    this.#renewing.cancel();
    await this.#ask(this.#texts.release, this.#identity, this.#key);
  }

  /** Of whoever holds it now. */
  async value(): Promise<string | undefined> {
    const value = (await this.#ask(this.#texts.value, this.#key)).rows[0]?.[0];
    return typeof value === 'string' ? value : undefined;
  }

  /** Rejects when it is not this one's any more. Before a write: another node may be active by now. */
  async check(): Promise<void> {
    const { check } = this.#texts;
    let why = 'lock changed ownership';
    try {
      if ((await this.#ask(check, this.#identity, this.#key, this.#value)).rows[0]?.[0] === '1') return;
    } catch (error) {
      why = `err from database: ${error instanceof Error ? error.message : String(error)}`;
    }
    throw new StorageFailed(`lock has changed ownership before attempting write: ${why}`);
  }

  async #take(): Promise<boolean> {
    return (await this.#ask(this.#texts.take, this.#identity, this.#key, this.#value)).changed === 1;
  }

  /** One renewal that fails is enough to be no longer sure of it. */
  async #renew(held: Scope, renewing: Scope): Promise<void> {
    while (await pause(this.#ways.clock, RENEWAL, renewing)) {
      const kept = await this.#ask(this.#texts.renew, this.#identity, this.#key).then(
        ({ changed }) => changed === 1,
        () => false,
      );
      if (!kept && !renewing.cancelled) held.cancel(new Error('lock lost'));
    }
  }

  /** Rejects when it takes too long, too. */
  #ask(text: string, ...values: readonly string[]): Promise<SqlAnswer> {
    const { sql, clock } = this.#ways;
    return new Promise((resolve, reject) => {
      const timer = clock.after(PATIENCE, () => reject(new StorageFailed('context deadline exceeded')));
      sql
        .query(text, ...values)
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }
}

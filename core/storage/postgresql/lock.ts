/**
 * The HA lock on PostgreSQL (facts §3.3): a row that its holder keeps valid, by the database's clock. Who finds it
 * expired takes it over.
 */
import { StorageFailed } from '../../fault.ts';
import { type Clock, type Micros, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { pause } from '../../ticker.ts';
import { quoteName, type Sql, type SqlAnswer } from './sql.ts';

const TTL_SECONDS = 15;
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
  readonly #key: string;
  readonly #value: string;
  /** Of this one lock: a node that takes it again is another holder. */
  readonly #identity: string;
  /** While it is kept valid. */
  #renewing = new Scope();

  constructor(ways: LockWays, key: string, value: string, identity: string) {
    this.#ways = ways;
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
    await this.#ask(`DELETE FROM ${this.#table} WHERE ha_identity = $1 AND ha_key = $2`, this.#identity, this.#key);
  }

  /** Of whoever holds it now. */
  async value(): Promise<string | undefined> {
    const text = `SELECT ha_value FROM ${this.#table} WHERE NOW() <= valid_until AND ha_key = $1`;
    const value = (await this.#ask(text, this.#key)).rows[0]?.[0];
    return typeof value === 'string' ? value : undefined;
  }

  /** Rejects when it is not this one's any more. Before a write: another node may be active by now. */
  async check(): Promise<void> {
    const text =
      `SELECT COUNT(*)::text FROM ${this.#table} ` +
      'WHERE ha_identity = $1 AND ha_key = $2 AND ha_value = $3 AND valid_until > NOW()';
    let why = 'lock changed ownership';
    try {
      if ((await this.#ask(text, this.#identity, this.#key, this.#value)).rows[0]?.[0] === '1') return;
    } catch (error) {
      why = `err from database: ${error instanceof Error ? error.message : String(error)}`;
    }
    throw new StorageFailed(`lock has changed ownership before attempting write: ${why}`);
  }

  get #table(): string {
    return quoteName(this.#ways.table);
  }

  async #take(): Promise<boolean> {
    const until = `NOW() + ${TTL_SECONDS} * INTERVAL '1 second'`;
    const { changed } = await this.#ask(
      `INSERT INTO ${this.#table} AS t (ha_identity, ha_key, ha_value, valid_until) VALUES ($1, $2, $3, ${until}) ` +
        `ON CONFLICT (ha_key) DO UPDATE SET ha_identity = $1, ha_value = $3, valid_until = ${until} ` +
        'WHERE t.valid_until < NOW()',
      this.#identity,
      this.#key,
      this.#value,
    );
    return changed === 1;
  }

  /** One renewal that fails is enough to be no longer sure of it. */
  async #renew(held: Scope, renewing: Scope): Promise<void> {
    const text =
      `UPDATE ${this.#table} SET valid_until = NOW() + ${TTL_SECONDS} * INTERVAL '1 second' ` +
      'WHERE ha_identity = $1 AND ha_key = $2';
    while (await pause(this.#ways.clock, RENEWAL, renewing)) {
      const kept = await this.#ask(text, this.#identity, this.#key).then(
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

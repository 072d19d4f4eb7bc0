/**
 * A PostgreSQL that has the two tables of OpenBao's storage and knows the statements that are asked of them, no others:
 * rows with REPEATABLE READ, locks by its own clock, and a log with positions that replicas follow.
 */
import type { Micros } from '../../core/runtime.ts';
import { OrderedMap } from '../../core/storage/ordered.ts';

export interface LockRow {
  readonly identity: string;
  readonly value: string;
  /** By the database's wall clock. */
  readonly until: Micros;
}

/** What one commit did, and how far the log has come with it. */
export interface LogRecord {
  readonly position: number;
  readonly rows: readonly (readonly [name: string, value: Uint8Array | undefined])[];
  readonly locks: readonly (readonly [key: string, lock: LockRow | undefined])[];
}

/** What the server says instead of an answer. */
export class Refused extends Error {}

export const serialization = (): Refused =>
  new Refused('ERROR: could not serialize access due to concurrent update (SQLSTATE 40001)');

/** Where a new database's log is, and what a record takes beside its values. */
const BEGINNING = 0x192c000;
const OVERHEAD = 96;

export class RowDatabase {
  /** By full name: the path without its first slash, and the key. */
  #rows = new OrderedMap<Uint8Array>();
  readonly #locks = new Map<string, LockRow>();
  /** The position at which a row was last changed. */
  readonly #changed = new Map<string, number>();
  #position = BEGINNING;
  readonly readOnly: boolean;
  /** Hears of each commit. */
  committed: (record: LogRecord) => void = () => undefined;

  constructor(readOnly = false) {
    this.readOnly = readOnly;
  }

  /** In bytes. */
  get position(): number {
    return this.#position;
  }

  get rows(): OrderedMap<Uint8Array> {
    return this.#rows;
  }

  lock(key: string): LockRow | undefined {
    return this.#locks.get(key);
  }

  changedSince(name: string, position: number): boolean {
    return (this.#changed.get(name) ?? 0) > position;
  }

  commit(rows: LogRecord['rows'], locks: LogRecord['locks'] = []): void {
    let size = OVERHEAD;
    for (const [name, value] of rows) size += name.length + (value?.length ?? 0);
    const record = { position: this.#position + size, rows, locks };
    this.apply(record);
    this.committed(record);
  }

  /** Of the primary's log, or of its own. */
  apply({ position, rows, locks }: LogRecord): void {
    this.#position = position;
    for (const [name, value] of rows) {
      this.#changed.set(name, position);
      if (value === undefined) this.#rows.delete(name);
      else this.#rows.set(name, value);
    }
    for (const [key, lock] of locks) {
      if (lock === undefined) this.#locks.delete(key);
      else this.#locks.set(key, lock);
    }
  }
}

/** What KV version 2 promises of one secret: its versions, which of them can be read, and until when. */
import { type Micros, SECOND } from '../../core/runtime.ts';

export type Data = Readonly<Record<string, string>>;
/** Null takes away. */
export type Patch = Readonly<Record<string, string | null>>;

interface Kept {
  readonly data: Data;
  deleted: boolean;
  destroyed: boolean;
  /** When it counts as deleted by itself; 0: never. */
  until: Micros;
}

/** The mount's, where the key says nothing. */
const MOST = 10;
/** Nothing is said about a version so near to its end. */
const NEAR = SECOND;

/** All times are of one clock. */
export class SecretModel {
  current = 0;
  maxVersions = 0;
  /** Micros; 0: never. */
  deleteAfter: Micros = 0;
  casRequired = false;
  /** The user's own texts. */
  custom: Data = {};
  /** Whether there is anything, if only settings. */
  exists = false;
  readonly #versions = new Map<number, Kept>();

  get numbers(): readonly number[] {
    return [...this.#versions.keys()];
  }

  put(data: Data, now: Micros): void {
    this.exists = true;
    this.current++;
    this.#versions.set(this.current, { data, deleted: false, destroyed: false, until: this.#end(now) });
    const most = this.maxVersions || MOST;
    if (this.#versions.size < most) return;
    for (const number of this.numbers) if (number <= this.current - most) this.#versions.delete(number);
  }

  /** The next version is the current one, changed; that has to be there to be read. */
  patch(changes: Patch, now: Micros): void {
    this.put(patched(this.#versions.get(this.current)?.data ?? {}, changes), now);
  }

  patchCustom(changes: Patch): void {
    this.custom = patched(this.custom, changes);
  }

  delete(number: number, now: Micros): void {
    const version = this.#versions.get(number);
    if (version !== undefined && !this.#ended(version, now)) version.deleted = true;
  }

  undelete(number: number, now: Micros): void {
    const version = this.#versions.get(number);
    if (version === undefined) return;
    version.deleted = false;
    version.until = this.#end(now);
  }

  destroy(number: number): void {
    const version = this.#versions.get(number);
    if (version !== undefined) version.destroyed = true;
  }

  forget(): void {
    this.exists = false;
    this.current = 0;
    this.maxVersions = 0;
    this.deleteAfter = 0;
    this.casRequired = false;
    this.custom = {};
    this.#versions.clear();
  }

  /** The data of a version (0: the current one) as it must be read; null: it must not. Undefined: too near to say. */
  read(number: number, now: Micros): Data | null | undefined {
    const version = this.#versions.get(number === 0 ? this.current : number);
    if (version === undefined || version.destroyed || version.deleted) return null;
    if (version.until !== 0 && Math.abs(now - version.until) < NEAR) return undefined;
    return this.#ended(version, now) ? null : version.data;
  }

  #end(now: Micros): Micros {
    return this.deleteAfter === 0 ? 0 : now + this.deleteAfter;
  }

  #ended({ until }: Kept, now: Micros): boolean {
    return until !== 0 && now >= until;
  }
}

function patched(data: Data, changes: Patch): Data {
  const next: Record<string, string> = { ...data };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  return next;
}

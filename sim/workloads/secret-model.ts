/** What KV version 2 promises of one secret: its versions, which of them can be read, and until when. */
import { type Micros, SECOND } from '../../core/runtime.ts';

interface Kept {
  readonly value: string;
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
  readonly #versions = new Map<number, Kept>();

  get numbers(): readonly number[] {
    return [...this.#versions.keys()];
  }

  put(value: string, now: Micros): void {
    this.current++;
    this.#versions.set(this.current, { value, deleted: false, destroyed: false, until: this.#end(now) });
    const most = this.maxVersions || MOST;
    if (this.#versions.size < most) return;
    for (const number of this.numbers) if (number <= this.current - most) this.#versions.delete(number);
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
    this.current = 0;
    this.maxVersions = 0;
    this.deleteAfter = 0;
    this.#versions.clear();
  }

  /** The value of a version (0: the current one) as it must be read; null: it must not. Undefined: too near to say. */
  read(number: number, now: Micros): string | null | undefined {
    const version = this.#versions.get(number === 0 ? this.current : number);
    if (version === undefined || version.destroyed || version.deleted) return null;
    if (version.until !== 0 && Math.abs(now - version.until) < NEAR) return undefined;
    return this.#ended(version, now) ? null : version.value;
  }

  #end(now: Micros): Micros {
    return this.deleteAfter === 0 ? 0 : now + this.deleteAfter;
  }

  #ended({ until }: Kept, now: Micros): boolean {
    return until !== 0 && now >= until;
  }
}

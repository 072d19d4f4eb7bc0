/** A token, or what one was lent, as a model of lifetimes has it. */
import { type Micros, SECOND } from '../../core/runtime.ts';
import type { Terms } from './lifetime-model.ts';

/** Of auth/token. */
export interface Role {
  readonly name: string;
  readonly type: 'service' | 'batch';
  readonly orphan: boolean;
  readonly renewable: boolean;
  readonly uses: number;
  period: Micros;
  explicitMost: Micros;
}

export interface Life {
  readonly kind: 'service' | 'batch' | 'lease';
  /** Token or lease id. */
  readonly id: string;
  readonly accessor: string;
  /** Of a lease: the user that the database has as long. */
  readonly user: string;
  readonly password: string;
  /** With whom it ends; the token that it was lent to, of a lease. */
  parent: Life | undefined;
  /** The operator's are not, though nothing takes them along. */
  orphan: boolean;
  readonly role: Role | undefined;
  readonly renewable: boolean;
  readonly begun: Micros;
  terms: Terms;
  /** What was granted last. */
  last: Micros;
  expires: Micros;
  revoked: Micros;
  /** Left; 0: without limit. */
  uses: number;
  /** How often it was seen to be gone. */
  buried: number;
}

/** With whom it is, it ends. */
export const ends = (life: Life): Micros =>
  Math.min(life.expires, life.revoked, life.parent === undefined ? Infinity : ends(life.parent));

export const seconds = (micros: Micros): string => `${Math.round(micros / SECOND)}s`;

/** For a reader of what went wrong. */
export function describe(life: Life | undefined, now: Micros): string {
  if (life === undefined) return 'the operator';
  const { kind, role, begun, terms, uses } = life;
  const asked = Object.entries(terms)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${seconds(value as Micros)}`);
  const left = ends(life);
  const end =
    left === Infinity
      ? 'without end'
      : left > now
        ? `${seconds(left - now)} before its end`
        : `${seconds(now - left)} after its end`;
  return `a ${kind} (${[role?.name ?? '', ...asked, uses > 0 ? `${uses} uses` : ''].filter((part) => part !== '').join(', ')}) ${seconds(now - begun)} old, ${end},`;
}

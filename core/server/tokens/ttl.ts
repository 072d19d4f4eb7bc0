/** How long a lease lives: what is asked for against what the mount, the backend and the token allow. */
import { quote } from '../../codec/go-quote.ts';
import { formatDuration } from '../../codec/duration.ts';
import { failure } from '../../fault.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';

export interface TtlBounds {
  /** The mount's; all micros, 0: not set. */
  readonly defaultTtl: Micros;
  readonly maxTtl: Micros;
  readonly increment?: Micros | undefined;
  readonly backendTtl?: Micros | undefined;
  readonly period?: Micros | undefined;
  readonly backendMaxTtl?: Micros | undefined;
  readonly explicitMaxTtl?: Micros | undefined;
  /** Wall micros; 0 or absent: now. */
  readonly issueTime?: Micros | undefined;
  readonly now: Micros;
}

/** "1h0m0s" without its zero units: "1h". */
export function shortDuration(micros: Micros): string {
  if (micros < SECOND) return formatDuration(micros);
  return formatDuration(micros).replace(
    /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/,
    (_, h?: string, m?: string, s?: string) => {
      const units = [part(h, 'h'), part(m, 'm'), part(s, 's')].join('');
      return units === '' ? '0s' : units;
    },
  );
}

const part = (value: string | undefined, unit: string): string =>
  value === undefined || value === '0' ? '' : value + unit;

const floorSecond = (micros: Micros): Micros => micros - (micros % SECOND);

const capped = (what: string, noun: string, wanted: Micros, most: Micros): string =>
  `${what} of ${quote(shortDuration(wanted))} exceeded the effective max_ttl of ${quote(shortDuration(most))}; ${noun} value is capped accordingly`;

/** Micros, with the warnings for the client. Refuses what is past its maximum. */
export function calculateTtl(bounds: TtlBounds): { readonly ttl: Micros; readonly warnings: string[] } {
  const now = floorSecond(bounds.now);
  const start = bounds.issueTime ? floorSecond(bounds.issueTime) : now;
  const { backendMaxTtl = 0, explicitMaxTtl = 0, increment = 0, backendTtl = 0 } = bounds;
  let max = bounds.maxTtl;
  if (backendMaxTtl > 0) max = Math.min(max, backendMaxTtl);
  if (explicitMaxTtl > 0) max = Math.min(max, explicitMaxTtl);
  if (max <= 0) throw failure('max TTL must be greater than zero');

  const warnings: string[] = [];
  let ttl: Micros;
  let end: Micros | undefined;
  if (bounds.period !== undefined && bounds.period > 0) {
    ttl = bounds.period;
    if (ttl > max) {
      warnings.push(capped('period', 'period', ttl, max));
      ttl = max;
    }
    if (explicitMaxTtl > 0) end = start + explicitMaxTtl;
  } else {
    ttl = increment > 0 ? increment : backendTtl > 0 ? backendTtl : bounds.defaultTtl;
    end = start + max;
  }
  if (end !== undefined) {
    const left = end - now;
    if (left <= 0) throw failure('past the max TTL, cannot renew');
    if (ttl > left) {
      warnings.push(capped('TTL', 'TTL', ttl, left));
      ttl = left;
    }
  }
  return { ttl, warnings };
}

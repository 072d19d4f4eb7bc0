/** From when and until when a certificate is to be valid. Times in wall micros. */
import { formatDuration } from '../../codec/duration.ts';
import { formatRfc3339, parseRfc3339, timeComplaint } from '../../codec/rfc3339.ts';
import { refuse } from '../../fault.ts';
import type { SystemView } from '../../framework/logical.ts';
import { SECOND, type Micros } from '../../runtime.ts';
import type { NotAfterBehavior } from './model.ts';

export interface ValidityInput {
  readonly ttl?: number | undefined;
  readonly not_before?: string | undefined;
  readonly not_after?: string | undefined;
}

export interface ValidityRules {
  /** Seconds. */
  readonly ttl: number;
  readonly max_ttl: number;
  readonly not_before: string;
  readonly not_before_bound: string;
  /** Seconds. */
  readonly not_before_duration: number;
  readonly not_after: string;
  readonly not_after_bound: string;
}

export interface Validity {
  /** Micros. */
  readonly notBefore: Micros;
  readonly notAfter: Micros;
  readonly warnings: readonly string[];
}

function parsedTime(text: string): Micros {
  const time = parseRfc3339(text);
  if (time === undefined) throw refuse(timeComplaint(text));
  return time;
}

/** Where there is none. */
const USUAL_DURATION = 30 * SECOND;

function begin(input: ValidityInput, rules: ValidityRules, now: Micros): Micros {
  const ownTime = rules.not_before !== '';
  const asked = rules.not_before_bound === '' || ownTime ? '' : (input.not_before ?? '');
  if (rules.not_before_bound === 'forbid' && asked !== '') {
    throw refuse('not_before_bound is set to forbid. not_before cannot be provided.');
  }
  const text = ownTime ? rules.not_before : asked;
  const duration = rules.not_before_duration * SECOND;
  if (text === '') return now - (duration || USUAL_DURATION);
  const notBefore = parsedTime(text);
  if (!ownTime && rules.not_before_bound === 'duration' && notBefore < now - duration) {
    throw refuse(
      `not_before_bound is set to duration. Cannot satisfy request as it would result in notBefore of ${formatRfc3339(notBefore)} that is older than the allowed not_before_duration of ${formatDuration(duration)}`,
    );
  }
  return notBefore;
}

/** The end of the issuer's certificate and what happens to those that would outlive it; none for a root. */
export interface IssuerEnd {
  /** Unix seconds. */
  readonly notAfter: number;
  readonly behavior: NotAfterBehavior;
}

export const BOTH_ENDS = 'Either ttl or not_after should be provided. Both should not be provided in the same request.';

export const bothEnds = ({ ttl = 0, not_after = '' }: ValidityInput): boolean => ttl > 0 && not_after !== '';

function end(
  input: ValidityInput,
  rules: ValidityRules,
  now: Micros,
  system: SystemView,
  issuer: IssuerEnd | undefined,
  warnings: string[],
): Micros {
  // What is sent empty is sent, and no time.
  const asked = rules.not_after === '' ? input.not_after : rules.not_after;
  if (rules.not_after_bound === 'forbid' && rules.not_after === '' && asked !== undefined) {
    throw refuse('not_after_bound is set to forbid. not_after cannot be provided.');
  }
  const time = asked === undefined ? undefined : parsedTime(asked);
  if ((input.ttl ?? 0) > 0 && time !== undefined) throw refuse(BOTH_ENDS);
  let ttl = (input.ttl || rules.ttl) * SECOND || system.defaultLeaseTtl();
  const maxTtl = rules.max_ttl * SECOND || system.maxLeaseTtl();
  if (ttl > maxTtl) {
    warnings.push(
      `TTL "${formatDuration(ttl)}" is longer than permitted maxTTL "${formatDuration(maxTtl)}", so maxTTL is being used`,
    );
    ttl = maxTtl;
  }
  const notAfter = time ?? now + ttl;
  if (rules.not_after_bound === 'ttl-limited' && notAfter > now + ttl) {
    throw refuse(
      `not_after_bound is set to ttl-limited. Cannot satisfy request as that would result in notAfter of ${formatRfc3339(notAfter)} that is beyond the TTL of ${formatDuration(ttl)}`,
    );
  }
  const kept = withinIssuer(notAfter, issuer);
  const latest = parseRfc3339(rules.not_after_bound);
  if (latest !== undefined && kept > latest) {
    throw refuse(
      // Upstream's spelling.
      `not_after_bound is set to ${rules.not_after_bound}. Cannot statisfy request as that would result in notAfter of ${formatRfc3339(kept)} that is beyond the maximum timestamp of ${formatRfc3339(latest)}`,
    );
  }
  return kept;
}

function withinIssuer(notAfter: Micros, issuer: IssuerEnd | undefined): Micros {
  if (issuer === undefined || issuer.behavior === 'permit') return notAfter;
  const last = issuer.notAfter * SECOND;
  if (notAfter <= last) return notAfter;
  if (issuer.behavior === 'truncate') return last;
  throw refuse(
    `cannot satisfy request, as TTL would result in notAfter of ${formatRfc3339(notAfter)} that is beyond the expiration of the CA certificate at ${formatRfc3339(last)}`,
  );
}

/** May end before it begins. Throws a Fault. */
export function validityOf(
  input: ValidityInput,
  rules: ValidityRules,
  now: Micros,
  system: SystemView,
  issuer: IssuerEnd | undefined,
): Validity {
  const warnings: string[] = [];
  const notBefore = begin(input, rules, now);
  const notAfter = end(input, rules, now, system, issuer, warnings);
  return { notBefore, notAfter, warnings };
}

/**
 * The same for an intermediate that is signed: when it is to begin has to be a time, but is not heeded, and two ends are
 * refused before either is read.
 */
export const intermediateValidityOf: typeof validityOf = (input, ...rest) => {
  const { not_before: asked = '' } = input;
  if (asked !== '') parsedTime(asked);
  if (bothEnds(input)) throw refuse(BOTH_ENDS);
  return validityOf(input, ...rest);
};

/** Throws a Fault. */
export function checkOrder({ notBefore, notAfter }: Validity): void {
  const shown = `The certificate's Not Before (${formatRfc3339(notBefore)})`;
  const other = `the certificate's Not After (${formatRfc3339(notAfter)})`;
  if (notBefore > notAfter) throw refuse(`${shown} is later than ${other}`);
  if (notBefore === notAfter) throw refuse(`${shown} is equal to ${other}`);
}

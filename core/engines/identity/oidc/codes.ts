/** Authorization codes: what was granted, for five minutes and one exchange. */
import type { Micros } from '../../../runtime.ts';
import { MINUTE } from '../../../runtime.ts';

export interface AuthorizationCode {
  readonly provider: string;
  readonly clientId: string;
  readonly entityId: string;
  readonly redirectUri: string;
  readonly nonce: string;
  readonly scopes: readonly string[];
  /** Wall seconds of the login; undefined: not asked for. */
  readonly authTime: number | undefined;
  /** '' without PKCE. */
  readonly challenge: string;
  readonly challengeMethod: string;
  /** Wall micros. */
  readonly expires: Micros;
}

export const CODE_TTL = 5 * MINUTE;

/** A code can be taken once, whatever becomes of the exchange. */
export function takeCode(
  codes: Map<string, AuthorizationCode>,
  code: string,
  now: Micros,
): AuthorizationCode | undefined {
  const found = codes.get(code);
  codes.delete(code);
  return found === undefined || found.expires <= now ? undefined : found;
}

/** Forgets what nobody came for; codes are kept in the order of their making. */
export function dropExpired(codes: Map<string, AuthorizationCode>, now: Micros): void {
  for (const [code, { expires }] of codes) {
    if (expires > now) return;
    codes.delete(code);
  }
}

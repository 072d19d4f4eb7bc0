/** Whether a verified token is for us and for now, in the words of upstream's libraries (hashicorp/cap, go-jose). */
import { quote } from '../../codec/go-quote.ts';
import type { JsonValue } from '../../codec/json.ts';
import { kindOf, sortedKeys } from '../../codec/json.ts';
import { asNumber, asString, asStrings } from '../../codec/json-fields.ts';
import { parseJws } from '../../crypto/jws/jws.ts';
import { SECOND } from '../../runtime.ts';
import type { Micros } from '../../runtime.ts';
import { TokenError } from './keys.ts';
import type { Claims, KeySet } from './keys.ts';

/** Leeways: 0 is the default, a negative one none at all. */
export interface Leeways {
  readonly notBefore: Micros;
  readonly expiration: Micros;
  readonly clockSkew: Micros;
}

export interface Expected {
  /** '' is any. */
  readonly issuer: string;
  readonly subject: string;
  /** Empty: any. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly leeways: Leeways;
  /** A token without any dates is good for ever. */
  readonly datesOptional?: true;
}

const REGISTERED = ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub'] as const;

interface Registered {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  /** Seconds, of 64 bits; 0 where there is none. */
  readonly expiry: bigint;
  readonly notBefore: bigint;
  readonly issuedAt: bigint;
}

const int64 = (value: bigint): bigint => BigInt.asIntN(64, value);

function dateOf(value: JsonValue | undefined): bigint {
  if (value === undefined || value === null) return 0n;
  const number = asNumber(value);
  if (number === undefined) throw new TokenError('go-jose/go-jose/jwt: expected number value to unmarshal NumericDate');
  // What does not fit is the least number of all, as on the processors that upstream runs on.
  return Math.abs(number) < 9_223_372_036_854_775_808 ? BigInt(Math.trunc(number)) : -(1n << 63n);
}

function audienceOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  const list = typeof value === 'string' ? [value] : asStrings(value);
  if (list !== undefined) return list;
  throw new TokenError('go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience');
}

/** Claims whose names only differ in case could be taken for one another by Go. */
function checkNames(claims: Claims): void {
  for (const key of sortedKeys(claims)) {
    const name = REGISTERED.find((one) => one === key.toLowerCase());
    if (name === undefined || name === key) continue;
    throw new TokenError(
      `ambiguous claim: key ${quote(key)} collides with registered claim ${quote(name)} under case folding`,
    );
  }
}

function registered(claims: Claims): Registered {
  checkNames(claims);
  // Upstream remembers the first text of a wrong kind and goes on, but stops at a wrong date or audience.
  const audience = audienceOf(claims['aud']);
  const dates = { expiry: dateOf(claims['exp']), issuedAt: dateOf(claims['iat']), notBefore: dateOf(claims['nbf']) };
  for (const name of ['iss', 'jti', 'sub'] as const) {
    const value = claims[name];
    if (value === undefined || value === null || typeof value === 'string') continue;
    throw new TokenError(`json: cannot unmarshal ${kindOf(value)} into Go struct field Claims.${name} of type string`);
  }
  return { issuer: asString(claims['iss']) ?? '', subject: asString(claims['sub']) ?? '', audience, ...dates };
}

const DEFAULT_LEEWAY = 150n;
const DEFAULT_SKEW = 60n * BigInt(SECOND);

const secondsOf = (leeway: Micros): bigint =>
  leeway < 0 ? 0n : leeway === 0 ? DEFAULT_LEEWAY : BigInt(Math.trunc(leeway / SECOND));

/** Micros since the year 1, where Go's clock starts; far dates wrap around as they do there. */
const instant = (seconds: bigint): bigint => int64(seconds + 62_135_596_800n) * BigInt(SECOND);

function checkTimes(claims: Registered, { leeways, datesOptional }: Expected, wall: Micros): void {
  const { issuedAt } = claims;
  let { expiry, notBefore } = claims;
  if (issuedAt === 0n && expiry === 0n && notBefore === 0n) {
    if (datesOptional === true) return;
    throw new TokenError('no issued at (iat), not before (nbf), or expiration time (exp) claims in token');
  }
  if (expiry === 0n) {
    expiry = int64((notBefore > issuedAt ? notBefore : issuedAt) + secondsOf(leeways.expiration));
  }
  if (notBefore === 0n) notBefore = issuedAt === 0n ? int64(expiry - secondsOf(leeways.notBefore)) : issuedAt;
  const { clockSkew } = leeways;
  const skew = clockSkew < 0 ? 0n : clockSkew === 0 ? DEFAULT_SKEW : BigInt(clockSkew);
  const now = BigInt(wall) + 62_135_596_800n * BigInt(SECOND);
  if (now + skew < instant(notBefore)) {
    throw new TokenError('invalid not before (nbf) claim: token not yet valid');
  }
  if (now - skew > instant(expiry)) throw new TokenError('invalid expiration time (exp) claim: token is expired');
  if (now + skew < instant(issuedAt)) {
    throw new TokenError('invalid issued at (iat) claim: token issued in the future');
  }
}

/** The claims of a token that is signed by one of the keys and as expected at `wall`. Rejects TokenError. */
export async function validate(keys: KeySet, token: string, expected: Expected, wall: Micros): Promise<Claims> {
  let claims: Claims;
  try {
    claims = await keys.verify(token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new TokenError(`error verifying token signature: ${error.message}`);
  }
  const { algorithm, signature } = parseJws(token);
  const wrongAlgorithm = 'invalid algorithm (alg) header parameter: token';
  if (signature.length === 0) throw new TokenError(`${wrongAlgorithm} must be signed`);
  if (!expected.algorithms.includes(algorithm))
    throw new TokenError(`${wrongAlgorithm} signed with unexpected algorithm`);
  const known = registered(claims);
  if (expected.issuer !== '' && expected.issuer !== known.issuer) throw new TokenError('invalid issuer (iss) claim');
  if (expected.subject !== '' && expected.subject !== known.subject) {
    throw new TokenError('invalid subject (sub) claim');
  }
  const { audiences } = expected;
  if (audiences.length > 0 && !audiences.some((one) => known.audience.includes(one))) {
    throw new TokenError('invalid audience (aud) claim: audience claim does not match any expected audience');
  }
  checkTimes(known, expected, wall);
  return claims;
}

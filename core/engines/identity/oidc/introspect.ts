/** identity/oidc/introspect: whether an identity token is good. */
import type { JsonObject } from '../../../codec/json.ts';
import { asNumber, asString, asStrings } from '../../../codec/json-fields.ts';
import { parseJwk } from '../../../crypto/jws/jwk.ts';
import type { Jws } from '../../../crypto/jws/jws.ts';
import { JwsError, parseCompactJws } from '../../../crypto/jws/jws.ts';
import type { Jwk } from '../../../crypto/jws/secret-jwk.ts';
import { field } from '../../../framework/field.ts';
import { claimsOf, isSignedBy } from '../../../framework/jwt/keys.ts';
import { SECOND } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { document, roleKeySet, tokenIssuer } from './issuer.ts';

/** In the order in which upstream lists what it takes. */
const ACCEPTED = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** Seconds that clocks may differ by. */
const LEEWAY = 60;

interface Expected {
  readonly issuer: string;
  /** '': any. */
  readonly audience: string;
  /** Wall seconds. */
  readonly now: number;
}

/** What is wrong with the claims in go-jose's words, or undefined. */
function claimsFault(claims: JsonObject, expected: Expected): string | undefined {
  const failed = (what: string): string => `go-jose/go-jose/jwt: validation failed, ${what}`;
  if (claims['iss'] !== expected.issuer) return failed('invalid issuer claim (iss)');
  const audience = asStrings(claims['aud']) ?? [asString(claims['aud']) ?? ''];
  if (expected.audience !== '' && !audience.includes(expected.audience)) return failed('invalid audience claim (aud)');
  const before = asNumber(claims['nbf']);
  if (before !== undefined && expected.now + LEEWAY < before) return failed('token not valid yet (nbf)');
  const expiry = asNumber(claims['exp']);
  if (expiry !== undefined && expected.now - LEEWAY > expiry) return failed('token is expired (exp)');
  const issued = asNumber(claims['iat']);
  if (issued !== undefined && expected.now + LEEWAY < issued) return failed('token issued in the future (iat)');
  return undefined;
}

const isOf = (jws: Jws, jwk: Jwk, { runtime }: IdentityCall): boolean =>
  jwk['alg'] === jws.algorithm && isSignedBy(runtime.crypto, jws, parseJwk(jwk)!.key);

/** What is wrong with a token, or undefined. */
async function faultOf(token: string, audience: string, call: IdentityCall): Promise<string | undefined> {
  let jws: Jws;
  try {
    jws = parseCompactJws(token, ACCEPTED);
  } catch (error) {
    if (!(error instanceof JwsError)) throw error;
    return `error parsing token: ${error.message}`;
  }
  const keys = await roleKeySet(call);
  const claims = claimsOf(jws.payload);
  if (claims === undefined || !keys.some((key) => isOf(jws, key, call))) {
    return 'unable to validate the token signature';
  }
  const expected = { issuer: await tokenIssuer(call), audience, now: Math.floor(call.now() / SECOND) };
  const wrong = claimsFault(claims, expected);
  if (wrong !== undefined) return `error validating claims: ${wrong}`;
  const { directory } = call.context;
  await directory.ready();
  const entity = directory.entity(asString(claims['sub']) ?? '');
  if (entity === undefined) return 'entity was not found';
  return entity.disabled ? 'entity is disabled' : undefined;
}

export const introspectPaths = identityPaths().path(
  'oidc/introspect/?',
  'Whether an identity token is good.',
  {
    token: field.string('The token.', { always: true }),
    client_id: field.string('The audience that the token must be for.', { always: true }),
  },
  {
    update: {
      run: async ({ token, client_id }, call) => {
        const error = await faultOf(token, client_id, call);
        return document(200, error === undefined ? { active: true } : { active: false, error });
      },
    },
  },
  { id: { prefix: 'oidc', verb: 'introspect' } },
);

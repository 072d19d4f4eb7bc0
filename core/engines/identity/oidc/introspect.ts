/** identity/oidc/introspect: whether an identity token is good. */
import { asString } from '../../../codec/json-fields.ts';
import { field } from '../../../framework/field.ts';
import { SECOND } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { document, roleKeySet, tokenIssuer } from './issuer.ts';
import { verifies } from './jwk.ts';
import type { ParsedJwt } from './jwt.ts';
import { claimsFault, JwtError, parseJwt } from './jwt.ts';

/** What is wrong with a token, or undefined. */
async function faultOf(token: string, audience: string, call: IdentityCall): Promise<string | undefined> {
  let jwt: ParsedJwt;
  try {
    jwt = parseJwt(token);
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    return `error parsing token: ${error.message}`;
  }
  const { alg, message, signature, claims } = jwt;
  const { crypto } = call.runtime;
  const keys = await roleKeySet(call);
  if (claims === undefined || !keys.some((key) => verifies(key, alg, message, signature, crypto))) {
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
  'oidc/introspect',
  'Whether an identity token is good.',
  {
    token: field.string('The token.', { default: '' }),
    client_id: field.string('The audience that the token must be for.', { default: '' }),
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

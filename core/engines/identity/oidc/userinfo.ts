/** identity/oidc/provider/:name/userinfo: the claims that an access token was given for. */
import type { JsonValue } from '../../../codec/json.ts';
import { quote } from '../../../codec/go-quote.ts';
import { field } from '../../../framework/field.ts';
import type { Answer } from '../../../framework/reply.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { isAssigned } from './assignment-paths.ts';
import { clientById } from './client-paths.ts';
import { document } from './issuer.ts';
import { refusal } from './refusal.ts';
import { allows } from './role-paths.ts';
import { scopeClaims, ScopeConflict } from './scope-claims.ts';

/** What RFC 6750, section 3.1, has as an error, with upstream's words. */
class Refused extends Error {
  readonly code: 'invalid_token' | 'access_denied' | 'invalid_request';
  constructor(code: Refused['code'], description: string) {
    super(description);
    this.name = 'Refused';
    this.code = code;
  }
}

const denied = (text: string): Refused => new Refused('access_denied', text);

async function claims(name: string, call: IdentityCall): Promise<JsonValue> {
  const { request, context, store } = call;
  const provider = await store.providers.get(name);
  if (provider === undefined) throw new Refused('invalid_request', 'provider not found');
  const own = request.headers.get('x-vault-token')?.[0] ?? '';
  if (own !== '') throw new Refused('invalid_token', 'access token must be sent as a Bearer token');
  const token = await context.server.token(request.clientToken);
  const clientId = token?.internalMeta?.['client_id'];
  if (token === undefined || token.type !== 'batch' || clientId === undefined) {
    throw new Refused('invalid_token', 'access token is malformed or invalid');
  }
  const client = await clientById(clientId, call);
  if (client === undefined) throw denied('client not found');
  await context.directory.ready();
  const entity = context.directory.entity(token.entityId);
  if (entity === undefined || !(await isAssigned(entity, client, call))) {
    throw denied('identity entity not authorized by client assignment');
  }
  if (!allows(provider.allowedClientIds, clientId)) throw denied('client is not authorized to use the provider');
  const scopes = (token.internalMeta?.['scopes'] ?? '').split(' ').filter((scope) => scope !== '');
  return { ...(await scopeClaims(scopes, entity, call)), sub: entity.id };
}

async function answer({ name }: { readonly name: string }, call: IdentityCall): Promise<Answer> {
  try {
    return document(200, await claims(name, call));
  } catch (error) {
    if (error instanceof ScopeConflict) {
      const [one, other] = error.scopes;
      const text = `found scopes with conflicting top-level claim: claim ${quote(error.claim)} in scopes ${quote(one)}, ${quote(other)}`;
      return refusal('userinfo', { code: 'invalid_request', message: text });
    }
    if (!(error instanceof Refused)) throw error;
    const { code, message } = error;
    const challenge = `Bearer error=${quote(code)},error_description=${quote(message)}`;
    return refusal('userinfo', error, code === 'access_denied' ? {} : { 'Www-Authenticate': challenge });
  }
}

export const userInfoPaths = identityPaths().path(
  'oidc/provider/:name/userinfo',
  'The UserInfo endpoint of a provider.',
  { name: field.string('Name of the provider.', { required: true }) },
  {
    read: { id: { suffix: 'provider-user-info', verb: '' }, run: answer },
    update: { id: { suffix: 'provider-user-info2', verb: '' }, run: answer },
  },
  { id: { prefix: 'oidc' }, anyInput: true },
);

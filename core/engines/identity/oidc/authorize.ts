/** identity/oidc/provider/:name/authorize: an authorization code for the caller's entity. */
import { randomBase62 } from '../../../codec/base62.ts';
import { isAllowedRedirect } from '../../../codec/redirect-uri.ts';
import { field } from '../../../framework/field.ts';
import type { Answer } from '../../../framework/reply.ts';
import { SECOND } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { isAssigned } from './assignment-paths.ts';
import { clientById } from './client-paths.ts';
import { CODE_TTL, dropExpired } from './codes.ts';
import { document } from './issuer.ts';
import { refusal } from './refusal.ts';
import { allows } from './role-paths.ts';
import { OPENID } from './scope-paths.ts';

interface Sent {
  readonly name: string;
  readonly client_id: string;
  readonly scope: string;
  readonly redirect_uri: string;
  readonly response_type: string;
  readonly state: string;
  readonly nonce: string;
  readonly max_age: number | undefined;
  readonly code_challenge: string | undefined;
  readonly code_challenge_method: string;
}

/** What RFC 6749, section 4.1.2.1, has as an error, with upstream's words. */
class Denied extends Error {
  readonly code: string;
  /** Whether the answer has the state. */
  readonly stateful: boolean;
  constructor(code: string, description: string, stateful = true) {
    super(description);
    this.name = 'Denied';
    this.code = code;
    this.stateful = stateful;
  }
}

const PKCE_METHODS: ReadonlySet<string> = new Set(['plain', 'S256']);

async function grant(sent: Sent, call: IdentityCall): Promise<string> {
  const { store, request, state, context } = call;
  const invalid = (text: string): Denied => new Denied('invalid_request', text);
  if (sent.client_id === '') throw new Denied('invalid_client_id', 'client_id parameter is required');
  const client = await clientById(sent.client_id, call);
  if (client === undefined) throw new Denied('invalid_client_id', 'client with client_id not found');
  if (!client.authorizationCode) {
    throw new Denied('invalid_grant', 'client not allowed to perform authorization code credential flow');
  }
  if (sent.redirect_uri === '') throw invalid('redirect_uri parameter is required');
  if (!isAllowedRedirect(sent.redirect_uri, client.redirectUris)) {
    throw new Denied('invalid_redirect_uri', 'redirect_uri is not allowed for the client');
  }
  const provider = await store.providers.get(sent.name);
  if (provider === undefined) throw invalid('provider not found');
  if (!allows(provider.allowedClientIds, client.clientId)) {
    throw new Denied('unauthorized_client', 'client is not authorized to use the provider');
  }
  if (request.data['request'] !== undefined) {
    throw new Denied('request_not_supported', 'request parameter is not supported', false);
  }
  if (request.data['request_uri'] !== undefined) {
    throw new Denied('request_uri_not_supported', 'request_uri parameter is not supported', false);
  }
  const asked = sent.scope.split(' ').filter((one) => one !== '');
  if (!asked.includes(OPENID)) throw invalid(`scope parameter must contain the "${OPENID}" value`);
  if (sent.response_type === '') throw invalid('response_type parameter is required');
  if (sent.response_type !== 'code') {
    throw new Denied('unsupported_response_type', 'unsupported response_type value');
  }
  const entityId = request.caller?.entityId ?? '';
  if (entityId === '') throw new Denied('access_denied', 'identity entity must be associated with the request');
  await context.directory.ready();
  if (!(await isAssigned(context.directory.entity(entityId), client, call))) {
    throw new Denied('access_denied', 'identity entity not authorized by client assignment');
  }
  if (client.type === 'public' && sent.code_challenge === undefined)
    throw invalid('PKCE is required for public clients');
  if (sent.code_challenge !== undefined) {
    if (!PKCE_METHODS.has(sent.code_challenge_method || 'plain')) throw invalid('invalid code_challenge_method');
    const { length } = sent.code_challenge;
    if (length < 43 || length > 128) throw invalid('invalid code_challenge');
  }
  const authTime = await checkAge(sent.max_age, call);
  const now = call.now();
  dropExpired(state.codes, now);
  const code = randomBase62(32, (length) => call.random.bytes(length));
  state.codes.set(code, {
    provider: sent.name,
    clientId: client.clientId,
    entityId,
    redirectUri: sent.redirect_uri,
    nonce: sent.nonce,
    scopes: [...new Set(asked.filter((one) => provider.scopesSupported.includes(one)))].sort(),
    authTime,
    challenge: sent.code_challenge ?? '',
    challengeMethod: sent.code_challenge_method,
    expires: now + CODE_TTL,
  });
  return code;
}

/** With max_age the login must not be older; when it was goes into the ID token. */
async function checkAge(maxAge: number | undefined, call: IdentityCall): Promise<number | undefined> {
  if (maxAge === undefined) return undefined;
  if (maxAge < 1) throw new Denied('invalid_request', 'max_age must be greater than zero');
  const token = await call.context.server.token(call.request.clientToken);
  if (token === undefined) throw new Denied('access_denied', 'token not found');
  const authTime = Math.floor(token.creationTime / SECOND);
  if (Math.floor(call.now() / SECOND) - authTime > maxAge) {
    throw new Denied('max_age_violation', 'active re-authentication is required by max_age');
  }
  return authTime;
}

async function authorize(sent: Sent, call: IdentityCall): Promise<Answer> {
  try {
    return document(200, { code: await grant(sent, call), state: sent.state });
  } catch (error) {
    if (!(error instanceof Denied)) throw error;
    const state = error.stateful ? sent.state : '';
    return refusal('authorize', error, {}, { state });
  }
}

export const authorizePaths = identityPaths().path(
  'oidc/provider/:name/authorize',
  'The authorization endpoint of a provider.',
  {
    name: field.string('Name of the provider.', { required: true }),
    client_id: field.string('ID of the client.', { required: true }),
    scope: field.string('Scopes with spaces between them; "openid" must be one.', { required: true }),
    redirect_uri: field.string('Where the user is sent back to.', { required: true }),
    response_type: field.string('"code".', { required: true }),
    state: field.string('Comes back with the code.', { always: true }),
    nonce: field.string('Comes back in the ID token.', { always: true }),
    max_age: field.int('How many seconds ago the user may have logged in.'),
    code_challenge: field.string('PKCE: the challenge.'),
    code_challenge_method: field.string('PKCE: how the challenge comes from the verifier.', { default: 'plain' }),
  },
  {
    read: { forward: true, id: { suffix: 'provider-authorize', verb: '' }, run: authorize },
    update: { forward: true, id: { suffix: 'provider-authorize-with-parameters', verb: '' }, run: authorize },
  },
  { id: { prefix: 'oidc' }, anyInput: true },
);

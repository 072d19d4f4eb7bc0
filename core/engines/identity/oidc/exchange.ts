/** identity/oidc/provider/:name/token: tokens for an authorization code, or for a client itself. */
import { Base64Error, decodeBase64, encodeBase64RawUrl } from '../../../codec/base64.ts';
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { quote } from '../../../codec/go-quote.ts';
import { decodeUtf8, encodeUtf8 } from '../../../codec/utf8.ts';
import { halfHash } from '../../../crypto/jws/sign.ts';
import type { Jwk } from '../../../crypto/jws/secret-jwk.ts';
import { makeUuid } from '../../../codec/uuid.ts';
import { field } from '../../../framework/field.ts';
import type { Request } from '../../../framework/logical.ts';
import type { Answer } from '../../../framework/reply.ts';
import { SECOND } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { isAssigned } from './assignment-paths.ts';
import { clientById } from './client-paths.ts';
import type { AuthorizationCode } from './codes.ts';
import { takeCode } from './codes.ts';
import { document } from './issuer.ts';
import { refusal } from './refusal.ts';
import { signed } from './keys.ts';
import { providerIssuer } from './provider-paths.ts';
import type { OidcClient, OidcProvider } from './provider-store.ts';
import { allows } from './role-paths.ts';
import { scopeClaims, ScopeConflict } from './scope-claims.ts';
import { OPENID } from './scope-paths.ts';

interface Sent {
  readonly name: string;
  readonly code: string;
  readonly grant_type: string;
  readonly redirect_uri: string;
  readonly code_verifier: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope: string;
}

/** What RFC 6749, section 5.2, has as an error, with upstream's words. */
class Refused extends Error {
  readonly code: string;
  constructor(code: string, description: string) {
    super(description);
    this.name = 'Refused';
    this.code = code;
  }
}

const invalid = (text: string): Refused => new Refused('invalid_request', text);
const unknownClient = (text: string): Refused => new Refused('invalid_client', text);
const badGrant = (text: string): Refused => new Refused('invalid_grant', text);

/** `Authorization: Basic`, as far as it can be read. */
function basicAuth({ headers }: Request): { readonly id: string; readonly secret: string } | undefined {
  const given = /^basic (.*)$/i.exec(headers.get('authorization')?.[0] ?? '');
  if (given === null) return undefined;
  try {
    const text = decodeUtf8(decodeBase64(given[1]!));
    const colon = text.indexOf(':');
    return colon < 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  } catch (error) {
    if (error instanceof Base64Error) return undefined;
    throw error;
  }
}

async function authenticate(sent: Sent, call: IdentityCall): Promise<OidcClient> {
  const basic = basicAuth(call.request);
  const id = basic?.id ?? sent.client_id;
  const secret = basic?.secret ?? sent.client_secret;
  if (id === '') throw invalid('client_id parameter is required');
  const client = await clientById(id, call);
  const { crypto } = call.runtime;
  const known =
    client !== undefined &&
    (client.type === 'public' || crypto.equal(encodeUtf8(client.clientSecret), encodeUtf8(secret)));
  if (!known) throw unknownClient('client failed to authenticate');
  return client;
}

interface Granting {
  readonly provider: OidcProvider;
  readonly client: OidcClient;
  readonly key: Jwk;
  readonly algorithm: string;
}

function codeFor(sent: Sent, client: OidcClient, call: IdentityCall): AuthorizationCode {
  if (sent.code === '') throw invalid('code parameter is required');
  const code = takeCode(call.state.codes, sent.code, call.now());
  if (code === undefined) throw badGrant('authorization grant is invalid or expired');
  if (code.clientId !== client.clientId) throw badGrant('authorization code was not issued to the client');
  if (code.provider !== sent.name) throw badGrant('authorization code was not issued by the provider');
  if (sent.redirect_uri === '') throw invalid('redirect_uri parameter is required');
  if (code.redirectUri !== sent.redirect_uri) {
    throw badGrant('redirect_uri does not match the redirect_uri used in the authorization request');
  }
  return code;
}

function checkVerifier({ challenge, challengeMethod }: AuthorizationCode, verifier: string, call: IdentityCall): void {
  if (challenge === '') {
    if (verifier !== '') throw invalid('unexpected code_verifier for token exchange');
    return;
  }
  if (verifier === '') throw invalid('expected code_verifier for token exchange');
  const { crypto } = call.runtime;
  const computed =
    challengeMethod === 'S256' ? encodeBase64RawUrl(crypto.hash('sha256', encodeUtf8(verifier))) : verifier;
  if (!crypto.equal(encodeUtf8(computed), encodeUtf8(challenge))) {
    throw badGrant('invalid code_verifier for token exchange');
  }
}

async function byCode(
  sent: Sent,
  { provider, client, key, algorithm }: Granting,
  call: IdentityCall,
): Promise<JsonValue> {
  const { directory, server } = call.context;
  const code = codeFor(sent, client, call);
  await directory.ready();
  const entity = directory.entity(code.entityId);
  if (entity === undefined || !(await isAssigned(entity, client, call))) {
    throw invalid('identity entity not authorized by client assignment');
  }
  checkVerifier(code, sent.code_verifier, call);
  const claims = await scopeClaims(code.scopes, entity, call).catch((error: unknown) => {
    if (!(error instanceof ScopeConflict)) throw error;
    const [one, other] = error.scopes;
    throw invalid(
      `found scopes with conflicting top-level claim: claim ${quote(error.claim)} in scopes ${quote(one)}, ${quote(other)}`,
    );
  });
  const access = await server.accessToken({
    entityId: code.entityId,
    path: `oidc/provider/${sent.name}/token`,
    ttl: client.accessTokenTtl,
    inlinePolicy: `path "identity/oidc/provider/${sent.name}/userinfo" { capabilities = ["read", "update"] }`,
    internalMeta: { client_id: client.clientId, scopes: code.scopes.join(' ') },
  });
  const { crypto } = call.runtime;
  const now = Math.floor(call.now() / SECOND);
  const idToken: JsonObject = {
    ...claims,
    iss: providerIssuer(sent.name, provider, call),
    namespace: call.request.namespace.id,
    sub: code.entityId,
    aud: client.clientId,
    iat: now,
    exp: now + Math.trunc(client.idTokenTtl / SECOND),
    at_hash: halfHash(crypto, algorithm, access),
    c_hash: halfHash(crypto, algorithm, sent.code),
  };
  if (code.nonce !== '') idToken['nonce'] = code.nonce;
  if (code.authTime !== undefined) idToken['auth_time'] = code.authTime;
  return {
    token_type: 'Bearer',
    access_token: access,
    id_token: signed(key, idToken, call),
    expires_in: Math.trunc(client.accessTokenTtl / SECOND),
  };
}

/** RFC 6749, section 4.4: the client speaks for itself. */
function byCredentials(sent: Sent, { provider, client, key }: Granting, call: IdentityCall): JsonValue {
  if (!sent.scope.split(' ').includes(OPENID)) throw invalid(`scope parameter must contain the "${OPENID}" value`);
  const now = Math.floor(call.now() / SECOND);
  const ttl = Math.trunc(client.idTokenTtl / SECOND);
  const claims: JsonObject = {
    iss: providerIssuer(sent.name, provider, call),
    namespace: call.request.namespace.id,
    sub: client.clientId,
    aud: client.clientId,
    iat: now,
    exp: now + ttl,
    jti: makeUuid((length) => call.random.bytes(length)),
  };
  return { token_type: 'Bearer', access_token: signed(key, claims, call), expires_in: ttl };
}

async function exchange(sent: Sent, call: IdentityCall): Promise<JsonValue> {
  const provider = await call.store.providers.get(sent.name);
  if (provider === undefined) throw invalid('provider not found');
  const client = await authenticate(sent, call);
  if (!allows(provider.allowedClientIds, client.clientId)) {
    throw unknownClient('client is not authorized to use the provider');
  }
  const key = await call.store.namedKeys.get(client.key);
  if (key?.signing === undefined) throw new Refused('server_error', `client key ${quote(client.key)} not found`);
  if (!allows(key.allowedClientIds, client.clientId)) throw unknownClient('client is not authorized to use the key');
  const granting = { provider, client, key: key.signing, algorithm: key.algorithm };
  const allowed = { authorization_code: client.authorizationCode, client_credentials: client.clientCredentials };
  const grant = sent.grant_type;
  if (grant !== 'authorization_code' && grant !== 'client_credentials') {
    throw new Refused('unsupported_grant_type', 'unsupported grant_type or parameter is empty value');
  }
  if (!allowed[grant]) throw badGrant('client is not authorized to use given credentials flow');
  return grant === 'authorization_code' ? byCode(sent, granting, call) : byCredentials(sent, granting, call);
}

const NOT_CACHED = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

async function answer(sent: Sent, call: IdentityCall): Promise<Answer> {
  try {
    return document(200, await exchange(sent, call), NOT_CACHED);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const challenge = error.code === 'invalid_client' ? { 'Www-Authenticate': 'Basic' } : {};
    return refusal('token', error, { ...NOT_CACHED, ...challenge });
  }
}

export const exchangePaths = identityPaths().path(
  'oidc/provider/:name/token',
  'The token endpoint of a provider.',
  {
    name: field.string('Name of the provider.', { required: true }),
    code: field.string('The authorization code.', { required: true }),
    grant_type: field.string('"authorization_code" or "client_credentials".', { required: true }),
    redirect_uri: field.string('The same as at the authorization endpoint.', { required: true }),
    scope: field.string('Scopes with spaces between them, for client credentials.', { required: true }),
    code_verifier: field.string('PKCE: the verifier.', { always: true }),
    client_id: field.string('ID of the client, unless in the Authorization header.', { always: true }),
    client_secret: field.string('Secret of the client, unless in the Authorization header.', { always: true }),
  },
  { update: { forward: true, id: { suffix: 'provider-token', verb: '' }, run: answer } },
  { unauthenticated: true, id: { prefix: 'oidc' }, anyInput: true },
);

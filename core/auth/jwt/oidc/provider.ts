/** An OpenID provider: discovery, the exchange of a code, id tokens; errors in the words of go-oidc and hashicorp/cap. */
import { encodeBase64, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { quote } from '../../../codec/go-quote.ts';
import type { Decoded } from '../../../codec/go-struct.ts';
import { queryEscape } from '../../../codec/go-url.ts';
import { urlFault } from '../../../codec/go-url-fault.ts';
import { isObject, kindOf, parse } from '../../../codec/json.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { asNumber, asObject, asString, asStrings } from '../../../codec/json-fields.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { JWS_ALGORITHMS } from '../../../crypto/jws/algorithm.ts';
import { JwsError, parseJws } from '../../../crypto/jws/jws.ts';
import { halfHash } from '../../../crypto/jws/sign.ts';
import type { OutgoingResponse, Runtime, Web } from '../../../runtime.ts';
import { SECOND } from '../../../runtime.ts';
import type { Claims } from '../claims.ts';
import type { JwtConfig } from '../config.ts';
import { TokenError } from '../../../framework/jwt/keys.ts';
import { structOf, RemoteKeys, wellKnown } from '../key-set.ts';
import { ask, bodyText, ProviderError, reachOf, statusLine } from '../web.ts';
import type { Reach } from '../web.ts';
import type { Flow } from './flows.ts';

export interface Provider {
  readonly config: JwtConfig;
  readonly reach: Reach;
  readonly keys: RemoteKeys;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly deviceUrl: string;
}

/** What a provider gives for a code. */
export interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What is wrong with the configuration itself is said before anybody is asked. Throws ProviderError. */
function checkedReach(web: Web, { discoveryUrl, discoveryCa, supportedAlgorithms }: JwtConfig): Reach {
  const fail = (why: string): ProviderError =>
    new ProviderError(`error creating provider: NewConfig: invalid provider config: Config.Validate: ${why}`);
  const fault = urlFault(discoveryUrl);
  if (fault !== undefined) throw fail(`issuer ${discoveryUrl} is invalid (${fault}): invalid issuer`);
  if (!/^https?:/i.test(discoveryUrl)) {
    throw fail(`issuer ${discoveryUrl} schema is not http or https: invalid issuer`);
  }
  const unknown = supportedAlgorithms.find((one) => !JWS_ALGORITHMS.includes(one));
  if (unknown !== undefined) throw fail(`unsupported algorithm ${unknown}: invalid parameter`);
  try {
    return reachOf(web, discoveryCa);
  } catch (error) {
    throw error instanceof ProviderError ? fail('invalid CA certificate') : error;
  }
}

const PROVIDER = {
  issuer: 'string',
  authorization_endpoint: 'string',
  token_endpoint: 'string',
  device_authorization_endpoint: 'string',
  jwks_uri: 'string',
  userinfo_endpoint: 'string',
  id_token_signing_alg_values_supported: '[]string',
} as const;

function providerIn(answer: OutgoingResponse): Decoded<typeof PROVIDER> {
  try {
    return structOf(answer, PROVIDER, 'oidc.providerJSON');
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(`oidc: failed to decode provider discovery object: ${error.message}`);
  }
}

/** Rejects ProviderError. */
export async function discoverProvider({ web, crypto }: Runtime, config: JwtConfig): Promise<Provider> {
  const fail = (why: string): ProviderError =>
    new ProviderError(`error creating provider with given values: NewProvider: ${why}`);
  const reach = checkedReach(web, config);
  let document: Decoded<typeof PROVIDER>;
  try {
    const answer = await ask(reach, { method: 'GET', url: wellKnown(config.discoveryUrl) });
    if (answer.status !== 200) throw new ProviderError(`${statusLine(answer.status)}: ${bodyText(answer)}`);
    document = providerIn(answer);
    const { issuer } = document;
    if (issuer !== config.discoveryUrl) {
      const both = `expected ${quote(config.discoveryUrl)} got ${quote(issuer)}`;
      throw new ProviderError(`oidc: issuer did not match the issuer returned by provider, ${both}`);
    }
  } catch (error) {
    throw error instanceof ProviderError ? fail(`unable to create provider: ${error.message}`) : error;
  }
  return {
    config,
    reach,
    keys: new RemoteKeys(crypto, reach, document.jwks_uri),
    authorizeUrl: document.authorization_endpoint,
    tokenUrl: document.token_endpoint,
    userInfoUrl: document.userinfo_endpoint,
    deviceUrl: document.device_authorization_endpoint,
  };
}

/** Sorted by name, as Go's url.Values prints. */
export const formOf = (values: Readonly<Record<string, string>>): string =>
  Object.keys(values)
    .sort()
    .map((name) => `${queryEscape(name)}=${queryEscape(values[name]!)}`)
    .join('&');

/** Where the browser goes to. */
export function authorizationUrl({ config, authorizeUrl }: Provider, flow: Flow, runtime: Runtime): string {
  const scopes = flow.scopes.includes('openid') ? flow.scopes : ['openid', ...flow.scopes];
  const challenge =
    flow.verifier === undefined
      ? { response_type: 'id_token', response_mode: 'form_post' }
      : {
          response_type: 'code',
          code_challenge: encodeBase64RawUrl(runtime.crypto.hash('sha256', encodeUtf8(flow.verifier))),
          code_challenge_method: 'S256',
        };
  const query = formOf({
    client_id: config.clientId,
    redirect_uri: flow.redirectUri,
    scope: scopes.join(' '),
    state: flow.state,
    nonce: flow.nonce,
    ...challenge,
    ...(flow.maxAge > 0 ? { max_age: String(flow.maxAge) } : {}),
  });
  return `${authorizeUrl}${authorizeUrl.includes('?') ? '&' : '?'}${query}`;
}

const FORM = 'application/x-www-form-urlencoded';

export const post = (reach: Reach, url: string, values: Record<string, string>, headers: Record<string, string> = {}) =>
  ask(reach, {
    method: 'POST',
    url,
    headers: { 'Content-Type': FORM, ...headers },
    body: encodeUtf8(formOf(values)),
  });

async function tokensFor(provider: Provider, flow: Flow, code: string): Promise<Tokens> {
  const { config, reach, tokenUrl } = provider;
  const values = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: flow.redirectUri,
    ...(flow.verifier === undefined ? {} : { code_verifier: flow.verifier }),
  };
  const pair = `${queryEscape(config.clientId)}:${queryEscape(config.clientSecret)}`;
  const authorization = { Authorization: `Basic ${encodeBase64(encodeUtf8(pair))}` };
  let answer = await post(reach, tokenUrl, values, authorization);
  // Some providers only take the client's secret in the form.
  if (answer.status < 200 || answer.status > 299) {
    answer = await post(reach, tokenUrl, {
      ...values,
      client_id: config.clientId,
      client_secret: config.clientSecret,
    });
  }
  return readTokens(answer.status, bodyText(answer));
}

function readTokens(status: number, text: string): Tokens {
  const body = objectOf(text);
  if (status < 200 || status > 299) {
    const error = asString(body?.['error']);
    const description = asString(body?.['error_description']) ?? '';
    throw new ProviderError(
      error === undefined || error === ''
        ? `oauth2: cannot fetch token: ${statusLine(status)}\nResponse: ${text}`
        : `oauth2: ${quote(error)}${description === '' ? '' : ` ${quote(description)}`}`,
    );
  }
  const accessToken = asString(body?.['access_token']) ?? '';
  if (accessToken === '') throw new ProviderError('oauth2: server response missing access_token');
  return {
    idToken: asString(body?.['id_token']) ?? '',
    accessToken,
    refreshToken: asString(body?.['refresh_token']) ?? '',
  };
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value = parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // What is no JSON has none of the members that are looked for.
    return undefined;
  }
}

/** The tokens for a code, the id token verified. Rejects ProviderError or TokenError. */
export async function exchange(provider: Provider, flow: Flow, code: string, runtime: Runtime): Promise<Tokens> {
  const fail = (why: string): TokenError => new TokenError(`Provider.Exchange: ${why}`);
  if (flow.verifier === undefined) {
    throw fail(`request (${flow.state}) should not be using the implicit flow: invalid OIDC flow`);
  }
  let tokens: Tokens;
  try {
    tokens = await tokensFor(provider, flow, code);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw fail(`unable to exchange auth code with provider: ${error.message}`);
  }
  if (tokens.idToken === '') throw fail('id_token is missing from auth code exchange: id_token is missing');
  let claims: Claims;
  try {
    claims = await verifyIdToken(provider, flow, tokens.idToken, runtime);
  } catch (error) {
    throw error instanceof TokenError ? fail(`id_token failed verification: ${error.message}`) : error;
  }
  const { algorithm } = parseJws(tokens.idToken);
  const half = (value: string): string => halfHash(runtime.crypto, algorithm, value);
  const matches = (name: string, value: string): boolean => (asString(claims[name]) ?? half(value)) === half(value);
  if (!matches('at_hash', tokens.accessToken)) {
    throw fail('access_token failed verification: IDToken.VerifyAccessToken: invalid at_hash');
  }
  if (!matches('c_hash', code)) {
    throw fail('code hash failed verification: IDToken.VerifyAuthorizationCode: invalid c_hash');
  }
  return tokens;
}

/** Claims that are kept elsewhere have to say where. */
function sourceFault(claims: Claims): string | undefined {
  const sources = asObject(claims['_claim_sources']) ?? {};
  for (const [name, source] of Object.entries(sources)) {
    const endpoint = asObject(source)?.['endpoint'];
    if (endpoint === undefined || endpoint === null || typeof endpoint === 'string') continue;
    const field = `idToken._claim_sources.${name}.endpoint`;
    return `failed to unmarshal claims: json: cannot unmarshal ${kindOf(endpoint)} into Go struct field ${field} of type string`;
  }
  const named = Object.values(asObject(claims['_claim_names']) ?? {});
  return named.every((name) => typeof name === 'string' && Object.hasOwn(sources, name))
    ? undefined
    : 'source does not exist';
}

/** The claims of an id token that is for us, for this login and for now. Rejects TokenError. */
export async function verifyIdToken(
  provider: Provider,
  flow: Flow,
  token: string,
  { clock }: Runtime,
): Promise<Claims> {
  const op = 'Provider.VerifyIDToken';
  const invalid = (why: string): TokenError => new TokenError(`${op}: invalid id_token: ${why}`);
  const { config, keys } = provider;
  const algorithms = config.supportedAlgorithms.length > 0 ? config.supportedAlgorithms : ['RS256'];
  let claims: Claims;
  try {
    const payload = await keys.payload(parseJws(token, algorithms));
    const value = parse(payload);
    claims = isObject(value) ? value : {};
  } catch (error) {
    if (error instanceof JwsError) {
      const kind = error.message.startsWith('unexpected signature algorithm') ? ': unsupported signing algorithm' : '';
      throw invalid(`oidc: malformed jwt: ${error.message}${kind}`);
    }
    if (error instanceof TokenError) throw invalid(`failed to verify signature: ${error.message}`);
    throw error;
  }
  const sources = sourceFault(claims);
  if (sources !== undefined) throw invalid(`oidc: ${sources}`);
  if (claims['iss'] !== config.discoveryUrl) {
    const both = `expected ${quote(config.discoveryUrl)} got ${quote(asString(claims['iss']) ?? '')}`;
    throw invalid(`oidc: id token issued by a different provider, ${both}: invalid issuer`);
  }
  const now = clock.wall() / SECOND;
  if (now > (asNumber(claims['exp']) ?? 0)) throw invalid('oidc: token is expired: token is expired');
  const start = asNumber(claims['nbf']);
  if (start !== undefined && now + 300 < start) {
    throw invalid('oidc: current time before the nbf (not before) time: invalid not before');
  }
  if (claims['nonce'] !== flow.nonce) throw new TokenError(`${op}: invalid id_token nonce: invalid nonce`);
  if (now + 60 < (asNumber(claims['iat']) ?? 0)) {
    throw new TokenError(
      `${op}: invalid id_token current time before the iat (issued at) time: invalid issued at (iat)`,
    );
  }
  checkParties(op, claims, config.clientId, flow.audiences);
  const authTime = asNumber(claims['auth_time']);
  if (flow.maxAge > 0 && authTime === undefined) {
    throw new TokenError(`${op}: missing auth_time claim when max age was requested: missing claim`);
  }
  if (flow.maxAge > 0 && authTime! + 60 <= flow.begun / SECOND - flow.maxAge) {
    throw new TokenError(`${op}: auth_time is beyond max age (${flow.maxAge}): expired auth_time`);
  }
  return claims;
}

function checkParties(op: string, claims: Claims, clientId: string, wanted: readonly string[]): void {
  const audience = asStrings(claims['aud']) ?? [asString(claims['aud']) ?? ''];
  if (wanted.length > 0 && !wanted.some((one) => audience.includes(one))) {
    const inner = 'verifyAudiences: invalid id_token audiences: invalid audience';
    throw new TokenError(`${op}: invalid id_token audiences: ${inner}`);
  }
  const party = asString(claims['azp']);
  if (party !== undefined && party !== clientId) {
    throw new TokenError(
      `${op}: invalid id_token: authorized party (${party}) is not equal client_id (${clientId}): invalid authorized party`,
    );
  }
  if (party === undefined && (audience.length > 1 || audience[0] !== clientId)) {
    throw new TokenError(
      `${op}: invalid id_token: one audience (${audience[0] ?? ''}) which is not the client_id (${clientId}) and authorized party (%!s(<nil>)) is not equal client_id (${clientId}): invalid authorized party`,
    );
  }
}

/** More claims, of the subject that the id token names. Undefined when they cannot be had. Rejects ProviderError. */
export async function userInfo(provider: Provider, accessToken: string, subject: string): Promise<Claims | undefined> {
  if (provider.userInfoUrl === '') return undefined;
  const answer = await ask(provider.reach, {
    method: 'GET',
    url: provider.userInfoUrl,
    headers: { Authorization: `Bearer ${accessToken}` },
  });
  const claims = answer.status === 200 ? objectOf(bodyText(answer)) : undefined;
  return claims?.['sub'] === subject ? claims : undefined;
}

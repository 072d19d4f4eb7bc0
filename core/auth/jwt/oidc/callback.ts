/** `oidc/callback` and `oidc/poll`: what comes of a login by a browser. */
import { noBytes } from '../../../codec/bytes.ts';
import { isObject, JsonError, parse } from '../../../codec/json.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import { failure, refuse } from '../../../fault.ts';
import type { Auth } from '../../../framework/logical.ts';
import type { Answer } from '../../../framework/reply.ts';
import { reply } from '../../../framework/reply.ts';
import { quote } from '../../../codec/go-quote.ts';
import { queryEscape } from '../../../codec/go-url.ts';
import { ClaimError } from '../claims.ts';
import type { Claims } from '../claims.ts';
import type { JwtConfig } from '../config.ts';
import { TokenError } from '../../../framework/jwt/keys.ts';
import { checkAddress } from '../../../framework/token-params.ts';
import { authOf, checkClaims, configured, identityOf } from '../login.ts';
import type { JwtCall } from '../memory.ts';
import type { JwtRole } from '../role.ts';
import { bodyText, ProviderError, statusLine } from '../web.ts';
import type { Flow } from './flows.ts';
import { confirmPage, errorPage, forwardPage, successPage } from './pages.ts';
import { exchange, formOf, post, userInfo, verifyIdToken } from './provider.ts';
import type { Provider, Tokens } from './provider.ts';
import { parseJws } from '../../../crypto/jws/jws.ts';

/** The user interface looks for these. */
const FAILED = 'OpenBao login failed.';
const UNVERIFIED = 'Token verification failed.';
const NO_CODE = 'no_code';
const EXPIRED = 'Expired or missing OAuth state.';

export interface CallbackInput {
  readonly state: string;
  readonly code: string;
  readonly id_token: string;
  readonly client_nonce: string;
  readonly error: string;
  readonly error_description: string;
  readonly error_uri: string;
  readonly confirmation: string;
}

const KNOWN_ERRORS: ReadonlySet<string> = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
]);

/** A login that failed in a browser of a direct flow is told there. */
function failed(direct: boolean, why: string): Answer {
  if (direct) return errorPage(FAILED, why);
  throw refuse(`${FAILED} ${why}`);
}

async function required(call: JwtCall, end = ''): Promise<JwtConfig> {
  const config = await call.state.config(call.storage);
  if (config === undefined) throw refuse(`${FAILED} Could not load configuration${end}`);
  return config;
}

async function roleOf(flow: Flow, call: JwtCall): Promise<JwtRole> {
  const role = await call.store.roles.get(flow.roleName);
  if (role === undefined) throw refuse(`${FAILED} Role could not be found`);
  return role;
}

/** A provider's post, kept until the browser comes with the state. */
export async function postCallback(input: CallbackInput, call: JwtCall): Promise<Answer> {
  const config = await required(call, '.');
  if (config.responseMode !== 'form_post')
    return reply({ raw: { status: 405, contentType: 'application/json', body: noBytes } });
  const flow = call.state.flows.get(input.state);
  if (flow === undefined) return errorPage(FAILED, EXPIRED);
  flow.code = input.code;
  flow.idToken = input.id_token;
  const mount = /\/v1\/auth\/([^/]+)\//.exec(flow.redirectUri)?.[1];
  if (mount === undefined) return errorPage(FAILED, 'Invalid redirect path.');
  return forwardPage(`/ui/vault/auth/${mount}/oidc/callback`, `code=${NO_CODE}&state=${queryEscape(input.state)}`);
}

export async function callback(input: CallbackInput, call: JwtCall): Promise<Answer> {
  const config = await required(call);
  const flow = call.state.flows.get(input.state);
  if (flow === undefined || flow.auth !== undefined) throw refuse(`${FAILED} ${EXPIRED}`);
  let keep = false;
  try {
    const role = await roleOf(flow, call);
    const direct = role.callbackMode === 'direct';
    keep = direct;
    if (direct && !role.disableConfirmation && input.confirmation === '') {
      return confirmPage(flow.requester, flow.roleName, formOf({ ...toldBy(input), confirmation: 'true' }));
    }
    return await finish(input, flow, role, config, call);
  } finally {
    if (!keep) call.state.flows.delete(input.state);
  }
}

/** What the provider said: a refusal is one also after it was confirmed. */
const toldBy = (input: CallbackInput): Record<string, string> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''));

async function finish(
  input: CallbackInput,
  flow: Flow,
  role: JwtRole,
  config: JwtConfig,
  call: JwtCall,
): Promise<Answer> {
  const direct = role.callbackMode === 'direct';
  const told = input.error.trim().toLowerCase();
  if (told !== '') {
    call.runtime.log.write('warn', '', 'OIDC callback received error from provider', { error: told });
    return failed(
      direct,
      KNOWN_ERRORS.has(told)
        ? told
        : 'An unknown error occurred during OIDC authentication. Check server logs for details',
    );
  }
  if (!direct && flow.clientNonce !== '' && input.client_nonce !== flow.clientNonce) {
    throw refuse('invalid client_nonce');
  }
  checkAddress(role.token, call.request);
  const provider = await providerFor('login', config, call);
  const code = input.code === NO_CODE ? flow.code : input.code;
  if (code === '') {
    if (flow.idToken === '') return failed(direct, 'No code or id_token received.');
    try {
      await verifyIdToken(provider, flow, flow.idToken, call.runtime);
    } catch (error) {
      throw error instanceof TokenError ? refuse(`${UNVERIFIED} ${error.message}`) : error;
    }
    const tokens = { idToken: flow.idToken, accessToken: '', refreshToken: '' };
    return answer(await admit(tokens, flow, role, config, provider, call), flow, direct);
  }
  let tokens: Tokens;
  try {
    tokens = await exchange(provider, flow, code, call.runtime);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return failed(direct, `Error exchanging oidc code: ${quote(error.message)}.`);
  }
  return answer(await admit(tokens, flow, role, config, provider, call), flow, direct);
}

function answer(result: Auth | string, flow: Flow, direct: boolean): Answer {
  if (typeof result === 'string') return failed(direct, result);
  if (!direct) return reply({ auth: result });
  flow.auth = result;
  return successPage();
}

async function providerFor(what: string, config: JwtConfig, call: JwtCall): Promise<Provider> {
  try {
    return await call.state.provider(config);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw failure(`error getting provider for ${what} operation: ${error.message}`);
  }
}

/** More claims are welcome, but a login does not fail for them. */
async function withUserInfo(claims: Claims, provider: Provider, accessToken: string, call: JwtCall): Promise<Claims> {
  if (accessToken === '') return claims;
  try {
    return { ...claims, ...(await userInfo(provider, accessToken, asString(claims['sub']) ?? '')) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    call.runtime.log.write('warn', '', 'error reading /userinfo endpoint', { error: error.message });
    return claims;
  }
}

/** What the role gives for the provider's tokens, or why it gives nothing. */
async function admit(
  tokens: Tokens,
  flow: Flow | undefined,
  role: JwtRole,
  config: JwtConfig,
  provider: Provider,
  call: JwtCall,
  roleName = flow?.roleName ?? '',
): Promise<Auth | string> {
  const payload = parse(parseJws(tokens.idToken).payload);
  const { nonce, ...own } = isObject(payload) ? payload : {};
  if (flow !== undefined && nonce !== undefined && nonce !== flow.nonce) return 'invalid ID token nonce.';
  if (role.boundSubject !== '' && own['sub'] !== role.boundSubject) return 'sub claim does not match bound subject';
  const claims = await withUserInfo(own, provider, tokens.accessToken, call);
  const extra: Readonly<Record<string, string>> = {
    id_token: tokens.idToken,
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
  };
  try {
    const identity = await identityOf(roleName, role, config, claims, call, tokens.accessToken);
    explain('error validating claims: ', () => checkClaims(role, claims));
    const auth = authOf(roleName, role, identity, claims, call);
    auth.internal = { ...auth.internal, role_type: 'native' };
    for (const name of role.oauth2Metadata ?? []) auth.metadata[`oauth2_${name}`] = extra[name] ?? '';
    return auth;
  } catch (error) {
    if (error instanceof ClaimError) return error.message;
    throw error;
  }
}

function explain(prefix: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof ClaimError ? new ClaimError(prefix + error.message) : error;
  }
}

/** For those who cannot be called back: the login, once it is there. */
export async function poll(
  { state, client_nonce }: Pick<CallbackInput, 'state' | 'client_nonce'>,
  call: JwtCall,
): Promise<Answer> {
  const { flows } = call.state;
  const flow = flows.get(state);
  if (flow === undefined) throw refuse(`${FAILED} ${EXPIRED}`);
  let keep = false;
  try {
    if (flow.clientNonce !== '' && client_nonce !== flow.clientNonce) throw refuse('invalid client_nonce');
    const role = await roleOf(flow, call);
    if (role.callbackMode !== 'device') {
      keep = flow.auth === undefined;
      if (flow.auth === undefined) throw refuse('authorization_pending');
      return reply({ auth: flow.auth });
    }
    const config = await configured(call);
    const tokens = await pollDevice(flow, config, call);
    keep = typeof tokens === 'string';
    if (typeof tokens === 'string') throw refuse(tokens);
    const provider = await providerFor('poll', config, call);
    const result = await admit(tokens, undefined, role, config, provider, call, flow.roleName);
    if (typeof result === 'string') return failed(false, result);
    return reply({ auth: result });
  } finally {
    if (!keep) flows.delete(state);
  }
}

/** A text means that the user is not through yet. */
async function pollDevice(flow: Flow, config: JwtConfig, call: JwtCall): Promise<Tokens | string> {
  const provider = await providerFor('poll', config, call);
  let text = '';
  let body: JsonObject;
  try {
    const asked = await post(provider.reach, provider.tokenUrl, {
      client_id: config.clientId,
      client_secret: config.clientSecret,
      device_code: flow.deviceCode,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    });
    text = bodyText(asked);
    if (asked.status !== 200 && asked.status !== 400) {
      throw failure(`error polling for device authorization: ${statusLine(asked.status)}: ${text}`);
    }
    const value = parse(text);
    body = isObject(value) ? value : {};
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof ProviderError)) throw error;
    const fault = error instanceof JsonError ? error.message : 'unexpected end of JSON input';
    throw failure(`error decoding issuer response while polling for token: ${fault}; response: ${text}`);
  }
  const error = asString(body['error']) ?? '';
  if (error === 'authorization_pending' || error === 'slow_down') return error;
  if (error !== '') throw refuse(`authorization failed: ${error}`);
  const idToken = asString(body['id_token']);
  if (idToken === undefined) throw refuse(`${UNVERIFIED} No id_token found in response.`);
  const given = (name: string): string => asString(body[name]) ?? '';
  return { idToken, accessToken: given('access_token'), refreshToken: given('refresh_token') };
}

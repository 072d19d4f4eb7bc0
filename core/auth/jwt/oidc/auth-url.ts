/** `oidc/auth_url`: where a user has to go to log in. */
import { encodeBase64RawUrl } from '../../../codec/base64.ts';
import { randomBase62 } from '../../../codec/base62.ts';
import { parseGoUrl, queryEscape } from '../../../codec/go-url.ts';
import { isObject, JsonError, parse } from '../../../codec/json.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { asNumber, asString } from '../../../codec/json-fields.ts';
import { isAllowedRedirect } from '../../../codec/redirect-uri.ts';
import { failure, refuse } from '../../../fault.ts';
import type { Answer } from '../../../framework/reply.ts';
import { SECOND } from '../../../runtime.ts';
import { hasType, sourceOf } from '../config.ts';
import type { JwtConfig } from '../config.ts';
import { configured, noRole, roleNameOf } from '../login.ts';
import type { JwtCall } from '../memory.ts';
import type { JwtRole } from '../role.ts';
import { bodyText, ProviderError, statusLine } from '../web.ts';
import type { Flow } from './flows.ts';
import { authorizationUrl, post } from './provider.ts';
import type { Provider } from './provider.ts';

interface Input {
  readonly role: string;
  readonly redirect_uri: string;
  readonly client_nonce: string;
}

/** Wrong redirect URLs and providers that are away get no reason: who asks is not known yet. */
const NOTHING = { auth_url: '' };

interface Began {
  readonly redirectUri: string;
  readonly deviceCode: string;
}

function begin(config: JwtConfig, role: JwtRole, roleName: string, input: Input, began: Began, call: JwtCall): Flow {
  const bytes = (length: number): Uint8Array => call.random.bytes(length);
  const flow: Flow = {
    state: `st_${randomBase62(20, bytes)}`,
    nonce: `n_${randomBase62(20, bytes)}`,
    roleName,
    ...began,
    verifier: hasType(config, 'id_token') ? undefined : encodeBase64RawUrl(bytes(32)),
    audiences: role.boundAudiences ?? [],
    scopes: role.oidcScopes ?? [],
    maxAge: Math.trunc(role.maxAge / SECOND),
    begun: call.now(),
    clientNonce: input.client_nonce,
    requester: call.request.remote.address,
    code: '',
    idToken: '',
    auth: undefined,
  };
  call.state.flows.put(flow);
  return flow;
}

const NO_DEVICE = 'no device auth endpoint url discovered';

async function deviceProvider(config: JwtConfig, call: JwtCall): Promise<Provider> {
  let provider: Provider;
  try {
    provider = await call.state.provider(config);
  } catch (error) {
    throw error instanceof ProviderError ? failure(NO_DEVICE) : error;
  }
  if (provider.deviceUrl === '') throw failure(NO_DEVICE);
  return provider;
}

async function deviceCode(config: JwtConfig, role: JwtRole, call: JwtCall): Promise<JsonObject> {
  const { reach, deviceUrl } = await deviceProvider(config, call);
  let text = '';
  try {
    const answer = await post(reach, deviceUrl, {
      client_id: config.clientId,
      client_secret: config.clientSecret,
      scope: ['openid', ...(role.oidcScopes ?? [])].join(' '),
    });
    text = bodyText(answer);
    if (answer.status !== 200) throw failure(`error authorizing device: ${statusLine(answer.status)}: ${text}`);
    const value = parse(text);
    return isObject(value) ? value : {};
  } catch (error) {
    if (!(error instanceof JsonError || error instanceof ProviderError)) throw error;
    const fault = error instanceof JsonError ? error.message : 'unexpected end of JSON input';
    throw failure(`error decoding issuer response to device auth: ${fault}; response: ${text}`);
  }
}

async function deviceUrl(config: JwtConfig, role: JwtRole, name: string, input: Input, call: JwtCall): Promise<Answer> {
  const given = await deviceCode(config, role, call);
  const text = (key: string): string => asString(given[key]) ?? '';
  const flow = begin(config, role, name, input, { redirectUri: '-', deviceCode: text('device_code') }, call);
  const complete = text('verification_uri_complete') || text('verification_url_complete');
  const interval = role.pollInterval || (asNumber(given['interval']) ?? 0) || 5;
  return {
    auth_url: complete || text('verification_uri') || text('verification_url'),
    ...(complete === '' ? { user_code: text('user_code') } : {}),
    state: flow.state,
    poll_interval: String(interval),
  };
}

/** A namespace in the redirect URL's query moves into the state; the URL is then without it. */
function takeNamespace(uri: string): { readonly uri: string; readonly namespace: string } {
  const namespace = parseGoUrl(uri)?.query.get('namespace') ?? '';
  if (namespace === '') return { uri, namespace };
  const [before, query = ''] = uri.split('?', 2) as [string, string?];
  const rest = query.split('&').filter((pair) => !pair.startsWith('namespace='));
  return { uri: rest.length === 0 ? before : `${before}?${rest.join('&')}`, namespace };
}

export async function authUrl(input: Input, call: JwtCall): Promise<Answer> {
  const config = await configured(call);
  if (sourceOf(config) !== 'flow') throw refuse('OIDC login is not configured for this mount');
  const name = roleNameOf(input, config);
  const role = await call.store.roles.get(name);
  if (role === undefined) throw noRole(name);
  if (input.client_nonce === '' && role.callbackMode !== 'client') throw refuse('missing client_nonce');
  if (role.callbackMode === 'device') return deviceUrl(config, role, name, input, call);
  if (input.redirect_uri === '') throw refuse('missing redirect_uri');
  const asked = config.namespaceInState
    ? takeNamespace(input.redirect_uri)
    : { uri: input.redirect_uri, namespace: '' };
  if (!isAllowedRedirect(asked.uri, role.allowedRedirectUris ?? [])) {
    call.runtime.log.write('warn', '', 'unauthorized redirect_uri', { redirect_uri: asked.uri });
    return NOTHING;
  }
  const formPost = config.responseMode === 'form_post';
  const redirectUri = formPost ? asked.uri.replace('ui/vault', 'v1') : asked.uri;
  let provider: Provider;
  try {
    provider = await call.state.provider(config);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    call.runtime.log.write('warn', '', 'error getting provider for login operation', { error: error.message });
    return NOTHING;
  }
  const flow = begin(config, role, name, input, { redirectUri, deviceCode: '' }, call);
  const url = authorizationUrl(provider, flow, call.runtime);
  const state = queryEscape(`${flow.state},ns=${asked.namespace}`);
  const data = { auth_url: asked.namespace === '' ? url : url.replace(flow.state, state) };
  return role.callbackMode === 'direct'
    ? { ...data, state: flow.state, poll_interval: String(role.pollInterval || 5) }
    : data;
}

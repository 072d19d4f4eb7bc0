import { describe, expect, test } from 'vitest';
import { encodeBase64RawUrl } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { fakeRuntime, TestMount } from '../../framework/testing.ts';
import type { OutgoingRequest, OutgoingResponse } from '../../runtime.ts';
import { NetworkError } from '../../runtime.ts';
import { createJwt } from './jwt.ts';

const ISSUER = 'https://issuer.example/id';
const REDIRECT = 'http://localhost:8250/ui/vault/auth/oidc/oidc/callback';
const crypto = portableCrypto();

const json = (value: JsonObject, status = 200): OutgoingResponse => ({
  status,
  headers: new Map([['content-type', ['application/json']]]),
  body: encodeUtf8(print(value)),
});

/** An OpenID provider with one Ed25519 key, that can be rotated, be away, and remembers what it was asked. */
class FakeProvider {
  readonly requests: OutgoingRequest[] = [];
  seed = new Uint8Array(32).fill(1);
  away = false;
  nonce = '';
  /** Claims of the id token beside the usual ones. */
  more: JsonObject = {};
  /** What its token endpoint says instead of tokens. */
  pending: JsonObject | undefined;

  sign(claims: JsonObject, kid = `key-${this.seed[0]!}`): string {
    const part = (value: JsonObject): string => encodeBase64RawUrl(encodeUtf8(print(value)));
    const message = `${part({ alg: 'EdDSA', kid })}.${part(claims)}`;
    return `${message}.${encodeBase64RawUrl(crypto.ed25519Sign(this.seed, encodeUtf8(message)))}`;
  }

  token(more: JsonObject = {}): string {
    return this.sign({ iss: ISSUER, sub: 'alice', aud: 'app', iat: 1_789_999_000, exp: 1_790_009_000, ...more });
  }

  /** Members of the discovery document beside the usual ones; all are sorted. */
  beside: JsonObject = {};

  readonly request = (request: OutgoingRequest): Promise<OutgoingResponse> => {
    this.requests.push(request);
    if (this.away) return Promise.reject(new NetworkError('refused', 'dial tcp: connect: connection refused'));
    return Promise.resolve(this.#answer(request.url.slice(ISSUER.length)));
  };

  #answer(path: string): OutgoingResponse {
    if (path === '/.well-known/openid-configuration') {
      return json({
        ...this.beside,
        issuer: ISSUER,
        jwks_uri: `${ISSUER}/keys`,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        userinfo_endpoint: `${ISSUER}/userinfo`,
        device_authorization_endpoint: `${ISSUER}/device`,
      });
    }
    if (path === '/keys') {
      const x = encodeBase64RawUrl(crypto.ed25519Public(this.seed));
      return json({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid: `key-${this.seed[0]!}`, x }] });
    }
    if (path === '/groups') return json({ value: ['staff', 'ops'] });
    if (path === '/userinfo') return json({ sub: 'alice', email: 'alice@example' });
    if (path === '/device') return json({ device_code: 'dev', user_code: 'ABCD', verification_uri: 'https://verify' });
    if (this.pending !== undefined) return json(this.pending, 400);
    const nonce = this.nonce === '' ? {} : { nonce: this.nonce };
    return json({
      access_token: 'at',
      token_type: 'Bearer',
      id_token: this.token({ ...nonce, aud: 'client', ...this.more }),
    });
  }
}

function mounted(): { provider: FakeProvider; mount: TestMount } {
  const provider = new FakeProvider();
  const runtime = { ...fakeRuntime(), web: provider };
  return { provider, mount: new TestMount(createJwt, { runtime, mount: { class: 'auth', type: 'jwt' } }) };
}

const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: 'app' };
const logIn = (mount: TestMount, jwt: string) => mount.send('update', 'login', { role: 'r', jwt });

describe('keys at a URL', () => {
  test('are fetched once, and again when a token names one that is not known', async () => {
    const { provider, mount } = mounted();
    expect((await mount.write('config', { oidc_discovery_url: ISSUER })).status).toBe(204);
    await mount.write('role/r', role);
    const asked = (): number => provider.requests.filter(({ url }) => url.endsWith('/keys')).length;
    for (let turn = 0; turn < 3; turn++) expect((await logIn(mount, provider.token())).status).toBe(200);
    expect(asked()).toBe(1);
    const old = provider.token();
    provider.seed = new Uint8Array(32).fill(2);
    expect((await logIn(mount, provider.token())).status).toBe(200);
    expect(asked()).toBe(2);
    expect((await logIn(mount, old)).errors).toEqual([
      'error validating token: error verifying token signature: failed to verify id token signature',
    ]);
  });

  test('are where the last member of a name in any case says', async () => {
    const { provider, mount } = mounted();
    provider.beside = { ISSUER: 'https://other', Jwks_Uri: 5 };
    const write = () => mount.write('config', { oidc_discovery_url: ISSUER });
    const wrong = (member: string) =>
      `error checking oidc discovery URL: failed to decode OIDC discovery document: got Content-Type = application/json, but could not unmarshal as JSON: json: cannot unmarshal number into Go struct field .${member} of type string`;
    expect((await write()).errors).toEqual([wrong('Jwks_Uri')]);
    provider.beside = { ISSUER: 'https://other', Jwks_Uri: 'https://other' };
    expect((await write()).status).toBe(204);
    provider.beside = { 'i\u017fsuer': 'https://other' };
    expect((await write()).errors).toEqual([
      `error checking oidc discovery URL: issuer did not match the returned issuer, expected "${ISSUER}" got "https://other"`,
    ]);
  });

  test('that cannot be had are an error of the login, and are had when the provider is back', async () => {
    const { provider, mount } = mounted();
    await mount.write('config', { oidc_discovery_url: ISSUER });
    await mount.write('role/r', role);
    provider.away = true;
    const where = `Get "${ISSUER}/.well-known/openid-configuration"`;
    expect((await logIn(mount, provider.token())).errors).toEqual([
      `error configuring token validator: keyset configuration error: ${where}: dial tcp: connect: connection refused`,
    ]);
    provider.away = false;
    expect((await logIn(mount, provider.token())).status).toBe(200);
  });
});

async function withFlow(settings: JsonObject = {}, config: JsonObject = {}) {
  const { provider, mount } = mounted();
  const client = { oidc_client_id: 'client', oidc_client_secret: 'secret', jwt_supported_algs: 'EdDSA' };
  expect((await mount.write('config', { oidc_discovery_url: ISSUER, ...client, ...config })).status).toBe(204);
  const made = await mount.write('role/r', {
    user_claim: 'sub',
    allowed_redirect_uris: [REDIRECT],
    claim_mappings: { email: 'mail' },
    ...settings,
  });
  expect(made.status).toBe(204);
  const asked = { role: 'r', redirect_uri: REDIRECT, client_nonce: 'mine' };
  const began = (await mount.send('update', 'oidc/auth_url', asked)).data!;
  const query = new Map(
    (began['auth_url'] as string)
      .split('?')[1]
      ?.split('&')
      .map((pair) => pair.split('=') as [string, string]),
  );
  provider.nonce = query.get('nonce') ?? '';
  return { provider, mount, began, query, state: query.get('state') ?? (began['state'] as string) };
}

describe('a login by a browser', () => {
  test('sends the user to the provider, exchanges the code with its proof and logs in who is named', async () => {
    const { provider, mount, query, state } = await withFlow();
    expect(query.get('response_type')).toBe('code');
    const back = { state, code: 'c', client_nonce: 'mine' };
    const { response } = await mount.read('oidc/callback', back);
    expect(response?.auth).toMatchObject({ displayName: 'alice', metadata: { role: 'r', mail: 'alice@example' } });
    const exchange = provider.requests.find(({ url }) => url.endsWith('/token'))!;
    const verifier = /code_verifier=([\w-]+)/.exec(decodeUtf8(exchange.body!))![1]!;
    expect(encodeBase64RawUrl(crypto.hash('sha256', encodeUtf8(verifier)))).toBe(query.get('code_challenge'));
    expect((await mount.read('oidc/callback', back)).errors).toEqual([
      'OpenBao login failed. Expired or missing OAuth state.',
    ]);
  });

  test('asks Azure for the groups that the token only tells of, with the token that came along', async () => {
    const { provider, mount, state } = await withFlow(
      { groups_claim: 'groups' },
      { provider_config: { provider: 'azure' } },
    );
    provider.more = {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: `${ISSUER}/groups` } },
    };
    const { response } = await mount.read('oidc/callback', { state, code: 'c', client_nonce: 'mine' });
    expect(response?.auth?.groupAliases).toEqual(['staff', 'ops']);
    const asked = provider.requests.find(({ url }) => url.endsWith('/groups'))!;
    expect([asked.method, asked.headers['Authorization'], decodeUtf8(asked.body!)]).toEqual([
      'POST',
      'Bearer at',
      '{"securityEnabledOnly": false}',
    ]);
  });

  test('fails when the id token is of another login, or the client is another', async () => {
    const one = await withFlow();
    expect((await one.mount.read('oidc/callback', { state: one.state, code: 'c' })).errors).toEqual([
      'invalid client_nonce',
    ]);
    const other = await withFlow();
    other.provider.nonce = 'else';
    const { errors } = await other.mount.read('oidc/callback', { state: other.state, code: 'c', client_nonce: 'mine' });
    expect(errors![0]).toContain('invalid id_token nonce');
  });

  test('that took more than ten minutes is forgotten', async () => {
    const { mount, state } = await withFlow();
    mount.clock.advance(601_000_000);
    const { errors } = await mount.read('oidc/callback', { state, code: 'c', client_nonce: 'mine' });
    expect(errors).toEqual(['OpenBao login failed. Expired or missing OAuth state.']);
  });

  test('in direct mode is confirmed in the browser and fetched by polling', async () => {
    const { mount, state } = await withFlow({ callback_mode: 'direct' });
    const poll = () => mount.send('update', 'oidc/poll', { state, client_nonce: 'mine' });
    expect((await poll()).errors).toEqual(['authorization_pending']);
    const page = await mount.read('oidc/callback', { state, code: 'c' });
    expect(decodeUtf8(page.response!.raw!.body)).toContain('confirmation=true');
    expect((await poll()).errors).toEqual(['authorization_pending']);
    expect((await mount.read('oidc/callback', { state, code: 'c', confirmation: 'true' })).status).toBe(200);
    expect((await poll()).response?.auth).toMatchObject({ displayName: 'alice' });
    expect((await poll()).errors).toEqual(['OpenBao login failed. Expired or missing OAuth state.']);
  });

  test('in direct mode that the provider refused is refused after the confirmation too, with the reason', async () => {
    const { mount, state } = await withFlow({ callback_mode: 'direct' });
    const page = await mount.read('oidc/callback', { state, error: 'access_denied' });
    const link = /href="\?([^"]*)"/.exec(decodeUtf8(page.response!.raw!.body))![1]!.replaceAll('&amp;', '&');
    const query = Object.fromEntries(link.split('&').map((pair) => pair.split('=') as [string, string]));
    const told = await mount.read('oidc/callback', query);
    expect(decodeUtf8(told.response!.raw!.body)).toContain('access_denied');
  });

  test('of a device waits until the user is through', async () => {
    const { provider, mount, began, state } = await withFlow({ callback_mode: 'device' });
    expect(began).toMatchObject({ auth_url: 'https://verify', user_code: 'ABCD', poll_interval: '5' });
    const poll = () => mount.send('update', 'oidc/poll', { state, client_nonce: 'mine' });
    provider.pending = { error: 'authorization_pending' };
    expect((await poll()).errors).toEqual(['authorization_pending']);
    provider.pending = undefined;
    expect((await poll()).response?.auth).toMatchObject({ displayName: 'alice' });
  });

  test('by a form post goes on in the user interface with what was posted', async () => {
    const { provider, mount, state } = await withFlow({}, { oidc_response_mode: 'form_post' });
    const page = await mount.send('update', 'oidc/callback', { state: 'unknown' });
    expect(page.status).toBe(400);
    expect((await mount.send('update', 'oidc/callback', { state, code: 'posted' })).status).toBe(200);
    const back = { state, code: 'no_code', client_nonce: 'mine' };
    expect((await mount.read('oidc/callback', back)).response?.auth).toMatchObject({ displayName: 'alice' });
    const exchange = provider.requests.find(({ url }) => url.endsWith('/token'))!;
    expect(decodeUtf8(exchange.body!)).toContain('code=posted&');
  });
});

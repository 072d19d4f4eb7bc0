/**
 * Groups that Azure's tokens do not hold but tell where to ask for: the same from the real server and from ours, with a
 * provider and a directory on loopback.
 */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Listening, listening } from '../fixtures/listening.ts';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

const REDIRECT = 'http://localhost:8250/oidc/callback';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let listener: Listening | undefined;
let issuer = '';
let sides: Side[] = [];
/** Of the login under way: what the id token holds beside the usual, and what the directory answers. */
let claims: Data = {};
let directory: { readonly status: number; readonly body: string } = { status: 200, body: '' };
const asked: string[] = [];

function signed(nonce: string): string {
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, sub: 'alice', aud: 'client', iat: now, exp: now + 600, nonce, ...claims };
  const message = `${base64({ alg: 'RS256', kid: 'k' })}.${base64(payload)}`;
  return `${message}.${createSign('RSA-SHA256').update(message).sign(privateKey).toString('base64url')}`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks).toString();
  const json = (body: object | string, status = 200): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  switch (request.url) {
    case '/.well-known/openid-configuration':
      return json({
        issuer,
        jwks_uri: `${issuer}/keys`,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    case '/keys':
      return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] });
    case '/token':
      // The code is the nonce that the login began with.
      return json({
        access_token: 'at-1',
        token_type: 'Bearer',
        expires_in: 600,
        id_token: signed(new URLSearchParams(sent).get('code')!),
      });
    default: {
      const { method, url, headers } = request;
      asked.push([method, url, headers.authorization, headers['content-type'], sent].join(' '));
      return json(directory.body, directory.status);
    }
  }
}

beforeAll(
  () =>
    orSkipped(async () => {
      listener = await listening(createServer((request, response) => void answer(request, response)));
      issuer = `http://127.0.0.1:${listener.port}`;
      sides = await startSides();
      for (const side of sides) {
        await side.call('POST', 'sys/auth/oidc', { type: 'oidc' });
        await side.call('POST', 'auth/oidc/config', {
          oidc_discovery_url: issuer,
          oidc_client_id: 'client',
          oidc_client_secret: 'secret',
          provider_config: { provider: 'azure' },
        });
        const role = { user_claim: 'sub', groups_claim: 'groups', allowed_redirect_uris: REDIRECT };
        await side.call('POST', 'auth/oidc/role/r', { ...role, role_type: 'oidc' });
        await side.call('POST', 'auth/oidc/role/jwt', { ...role, role_type: 'jwt', bound_audiences: 'client' });
      }
    }),
  300_000,
);

afterAll(async () => {
  for (const side of sides) await side.stop();
  await listener?.end();
});

/** A login through the provider: who it is, or why not. */
async function login(side: Side): Promise<unknown> {
  const began = await side.call('POST', 'auth/oidc/oidc/auth_url', {
    role: 'r',
    redirect_uri: REDIRECT,
    client_nonce: 'mine',
  });
  const query = new URL(String(began['auth_url'])).searchParams;
  const state = encodeURIComponent(query.get('state')!);
  const code = encodeURIComponent(query.get('nonce')!);
  return outcome(() => side.call('GET', `auth/oidc/oidc/callback?state=${state}&code=${code}&client_nonce=mine`), side);
}

async function outcome(work: () => Promise<Data>, side: Side): Promise<unknown> {
  asked.length = 0;
  try {
    await work();
  } catch (error) {
    const told = String(error)
      .replaceAll(side.name, '')
      .replace(/state=[^&]*&code=[^&]*/, '');
    return { error: told, asked: [...asked] };
  }
  return { asked: [...asked] };
}

const sourced = (endpoint: unknown): Data => ({
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint } },
});
const found = { status: 200, body: '{"value":["g1","g2"]}' };

const cases: readonly (readonly [string, () => Data, { readonly status: number; readonly body: string }])[] = [
  ['groups in the token', () => ({ groups: ['g1'] }), found],
  ['groups in the directory', () => sourced(`${issuer}/v1.0/users/u/getMemberObjects`), found],
  ['a directory without any', () => sourced(`${issuer}/graph`), { status: 200, body: '{}' }],
  ['a directory that says null', () => sourced(`${issuer}/graph`), { status: 200, body: '{"value":null}' }],
  ['a directory that refuses', () => sourced(`${issuer}/graph`), { status: 403, body: '{"error":{"code":"Denied"}}' }],
  ['a directory that says something else', () => sourced(`${issuer}/graph`), { status: 200, body: 'zz' }],
  ['a directory that says a text', () => sourced(`${issuer}/graph`), { status: 200, body: '{"value":"g"}' }],
  ['a directory that says a number', () => sourced(`${issuer}/graph`), { status: 200, body: '{"value":7}' }],
  ['a directory that says an object', () => sourced(`${issuer}/graph`), { status: 200, body: '{"value":{"a":1}}' }],
  ['a directory that says numbers', () => sourced(`${issuer}/graph`), { status: 200, body: '{"value":[1]}' }],
  ['a directory that is away', () => sourced('http://127.0.0.1:1/graph'), found],
  ['an endpoint that is no address', () => sourced('http://a b/'), found],
  ['an endpoint without a scheme', () => sourced('graph'), found],
  ['an endpoint that is a number', () => sourced(7), found],
  ['an endpoint that is a list', () => sourced(['a']), found],
  ['an endpoint that is true', () => sourced(true), found],
  ['no source', () => ({ _claim_names: { groups: 'src1' } }), found],
  ['no names', () => ({}), found],
];

const onBoth = onBothOf(() => sides, 60_000);

async function all(side: Side): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [name, given, said] of cases) {
    claims = given();
    directory = said;
    seen[name] = await login(side);
  }
  claims = sourced(`${issuer}/graph`);
  const token = signed('n');
  // Nobody gave anything to ask with.
  seen['a token alone'] = await outcome(() => side.call('POST', 'auth/oidc/login', { role: 'jwt', jwt: token }), side);
  return seen;
}

onBoth('groups that are in a directory are asked for with what the provider gave', async () => {
  const [real, ours] = [await all(sides[0]!), await all(sides[1]!)];
  expect(ours).toEqual(real);
  expect(real['groups in the directory']).toEqual({
    asked: ['POST /v1.0/users/u/getMemberObjects Bearer at-1 application/json {"securityEnabledOnly": false}'],
  });
});

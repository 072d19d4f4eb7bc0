/**
 * Tokens that the npm package `jose` signs, with keys of every algorithm, at both servers: keys that were given, keys
 * at a URL that rotate, keys found by discovery, and roles that are CEL programs; the same answers.
 */
import { createServer } from 'node:http';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Listening, listening } from '../fixtures/listening.ts';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

interface Key {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly secret: CryptoKey;
  readonly shown: CryptoKey;
}

let sides: Side[] = [];
let keys: Key[] = [];
/** What is at the URL. */
let published: Key[] = [];
let broken = false;
let asked = 0;

const issuer = createServer((request, response) => {
  void (async () => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration') {
      return answer(200, { issuer: url(), jwks_uri: `${url()}/keys`, authorization_endpoint: url() });
    }
    asked++;
    if (broken) return answer(503, { error: 'away' });
    answer(200, { keys: await Promise.all(published.map(jwkOf)) });
  })();
});
let running: Listening;
const url = (): string => `http://127.0.0.1:${running.port}`;

const jwkOf = async ({ kid, algorithm, shown }: Key): Promise<JWK> => ({
  ...(await exportJWK(shown)),
  kid,
  alg: algorithm,
  use: 'sig',
});

async function makeKey(algorithm: Algorithm, kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, algorithm, secret: privateKey, shown: publicKey };
}

interface Bent {
  readonly claims?: JWTPayload;
  readonly kid?: string;
}

const sign = ({ algorithm, secret, kid: own }: Key, { claims = {}, kid = own }: Bent = {}): Promise<string> =>
  new SignJWT({ sub: 'alice', groups: ['devs'], ...claims })
    .setProtectedHeader({ alg: algorithm, ...(kid === '' ? {} : { kid }) })
    .setIssuer(url())
    .setAudience('bao')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(secret);

beforeAll(async () => {
  running = await listening(issuer);
  keys = await Promise.all(ALGORITHMS.map((algorithm) => makeKey(algorithm, `key of ${algorithm}`)));
  await orSkipped(async () => {
    sides = await startSides();
    for (const side of sides) {
      await side.call('POST', 'sys/auth/jwt', { type: 'jwt' });
      const role = { role_type: 'jwt', user_claim: 'sub', groups_claim: 'groups', bound_audiences: 'bao' };
      await side.call('POST', 'auth/jwt/role/r', { ...role, token_policies: 'p' });
      const expression =
        'claims.sub == "alice" && now > timestamp("2020-01-01T00:00:00Z") ? pb.Auth{policies: claims.groups, display_name: "cel-" + claims.sub, alias: logical.Alias{name: claims.sub}} : "only alice"';
      const cel = { cel_program: { expression }, bound_audiences: 'bao' };
      await side.call('POST', 'auth/jwt/cel/role/c', cel);
    }
  });
}, 300_000);

afterAll(async () => {
  for (const side of sides) await side.stop();
  await running.end();
});

const withConfig = async (config: Data): Promise<void> => {
  for (const side of sides) await side.call('POST', 'auth/jwt/config', config);
};

/** What both sides say of the token: whose it is, or why it is not good. */
async function login(token: string, path = 'login', role = 'r'): Promise<string> {
  const seen: string[] = [];
  for (const side of sides) {
    const response = await fetch(`${side.address}/v1/auth/jwt/${path}`, {
      method: 'POST',
      body: JSON.stringify({ role, jwt: token }),
    });
    const { auth, errors } = (await response.json()) as { auth?: Data; errors?: string[] };
    const { policies, metadata, display_name } = auth ?? {};
    seen.push(auth === undefined ? errors!.join() : JSON.stringify({ policies, metadata, display_name }));
  }
  expect(seen[1]!.replaceAll(url(), 'URL')).toBe(seen[0]!.replaceAll(url(), 'URL'));
  return seen[1]!;
}

const IN = '"policies":["default","p"]';
const onBoth = onBothOf(() => sides, 120_000);

onBoth('keys of every algorithm that were given', async () => {
  await withConfig({ jwt_validation_pubkeys: await Promise.all(keys.map(({ shown }) => exportSPKI(shown))) });
  for (const key of keys) {
    expect(await login(await sign(key))).toContain(IN);
    expect(await login(await sign(key, { kid: '' }))).toContain(IN);
    expect(await login(`${(await sign(key)).slice(0, -8)}AAAAAAAA`)).toContain('error validating token');
  }
  expect(await login(await sign(await makeKey('RS256', 'another')))).toContain('no known key');
  await withConfig({ jwt_validation_pubkeys: await exportSPKI(keys[0]!.shown), jwt_supported_algs: 'ES256' });
  expect(await login(await sign(keys[0]!))).toContain('unexpected algorithm');
});

for (const [name, config] of [
  ['at a URL', () => ({ jwks_url: `${url()}/keys` })],
  ['that discovery names', () => ({ oidc_discovery_url: url(), bound_issuer: url() })],
] as const) {
  onBoth(`keys of every algorithm ${name}, that rotate, go away and come back`, async () => {
    published = keys;
    await withConfig(config());
    for (const key of keys) {
      expect(await login(await sign(key))).toContain(IN);
      expect(await login(await sign(key, { kid: '' }))).toContain(IN);
      expect(await login(await sign(key, { kid: 'unknown' }))).toContain('failed to verify id token signature');
    }
    // Kept until something is signed with a key that is not at hand.
    const before = asked;
    expect(await login(await sign(keys[0]!))).toContain(IN);
    expect(asked).toBe(before);
    const next = await makeKey('ES256', 'next');
    published = [next];
    expect(await login(await sign(keys[0]!))).toContain(IN);
    expect(await login(await sign(next))).toContain(IN);
    expect(await login(await sign(keys[0]!))).toContain('failed to verify');
    broken = true;
    expect(await login(await sign(next))).toContain(IN);
    expect(await login(await sign(keys[1]!))).toContain('503');
    broken = false;
    published = [next, ...keys];
    expect(await login(await sign(keys[1]!))).toContain(IN);
  });
}

onBoth('claims that are not as they should be, and roles that are programs', async () => {
  published = keys;
  await withConfig({ jwks_url: `${url()}/keys` });
  const [key] = keys as [Key];
  for (const claims of [{ sub: 7 }, { groups: 'devs' }, { groups: [7] }, { groups: { a: 1 } }] as unknown as Data[]) {
    await login(await sign(key, { claims }));
    await login(await sign(key, { claims }), 'cel/login', 'c');
  }
  expect(await login(await sign(key), 'cel/login', 'c')).toContain('"policies":["default","devs"]');
  expect(await login(await sign(key, { claims: { sub: 'bob' } }), 'cel/login', 'c')).toContain('only alice');
  await login(await sign(key), 'cel/login', 'none');
  await login('nonsense');
});

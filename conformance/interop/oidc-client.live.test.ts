/**
 * The identity provider as a client of other people's sees it: the npm package `openid-client` discovers it, sends a
 * user there, and takes and checks what it gives; the same script with the real server and with ours.
 */
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

let sides: Side[] = [];
const onBoth = onBothOf(() => sides, 300_000);
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const REDIRECT = 'http://localhost:9/callback';
const SCOPE = 'openid profile groups';

beforeAll(
  () =>
    orSkipped(async () => {
      sides = await startSides();
    }),
  300_000,
);

afterAll(async () => {
  for (const side of sides) await side.stop();
});

/** What does not say the same twice. */
const canonical = (text: string): string =>
  text
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(
      /"(sub|aud|client_id|kid|nonce|at_hash|c_hash|jti|access_token|id_token|code|state)":"[^"]+"/g,
      '"$1":"…"',
    )
    .replaceAll(/"(iat|exp|auth_time)":\d+/g, '"$1":0')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'ID');

/** Whom the server believes to be at the browser. */
class User {
  readonly #side: Side;
  readonly #token: string;

  constructor(side: Side, token: string) {
    this.#side = side;
    this.#token = token;
  }

  /** What the web interface does with a URL that it was opened at: where the browser goes next. */
  async at(url: URL): Promise<URL> {
    const path = url.pathname.replace('/ui/vault/', '/v1/');
    const response = await fetch(`${this.#side.address}${path}${url.search}`, {
      headers: { 'X-Vault-Token': this.#token },
    });
    const answer = (await response.json()) as Record<string, string>;
    if (!response.ok) throw new Error(JSON.stringify(answer));
    const next = new URL(url.searchParams.get('redirect_uri')!);
    for (const name of ['code', 'state']) if (answer[name]) next.searchParams.set(name, answer[name]);
    return next;
  }
}

async function userOf(side: Side): Promise<User> {
  await side.call('POST', 'sys/auth/userpass', { type: 'userpass' });
  const policy = 'path "identity/oidc/provider/*" { capabilities = ["create", "read", "update"] }';
  await side.call('POST', 'sys/policies/acl/oidc', { policy });
  await side.call('POST', 'auth/userpass/users/alice', { password: 'p', token_policies: 'oidc' });
  const response = await fetch(`${side.address}/v1/auth/userpass/login/alice`, {
    method: 'POST',
    body: '{"password":"p"}',
  });
  const { auth } = (await response.json()) as { auth: { client_token: string; entity_id: string } };
  await side.call('POST', `identity/entity/id/${auth.entity_id}`, { name: 'alice', metadata: { team: 'blue' } });
  await side.call('POST', 'identity/group', { name: 'devs', member_entity_ids: [auth.entity_id] });
  return new User(side, auth.client_token);
}

/** A provider with a client for every algorithm, a public one and one that speaks for itself. */
async function provide(side: Side): Promise<void> {
  const profile = '{"name": {{identity.entity.name}}, "team": {{identity.entity.metadata.team}}}';
  await side.call('POST', 'identity/oidc/scope/profile', { template: profile });
  await side.call('POST', 'identity/oidc/scope/groups', { template: '{"groups": {{identity.entity.groups.names}}}' });
  const client = async (name: string, more: Data): Promise<void> => {
    const common = { redirect_uris: REDIRECT, assignments: 'allow_all', access_token_ttl: '30m', id_token_ttl: '20m' };
    await side.call('POST', `identity/oidc/client/${name}`, { ...common, ...more });
  };
  for (const algorithm of ALGORITHMS) {
    await side.call('POST', `identity/oidc/key/${algorithm}`, { algorithm, allowed_client_ids: '*' });
    await client(algorithm, { key: algorithm });
  }
  await client('public', { client_type: 'public' });
  await client('service', { client_credentials: true, client_type: 'confidential' });
  await side.call('POST', 'identity/oidc/assignment/nobody', { entity_ids: ['none'] });
  await client('closed', { assignments: 'nobody' });
  await side.call('POST', 'identity/oidc/provider/main', {
    allowed_client_ids: '*',
    scopes_supported: 'profile,groups',
  });
}

async function configured(side: Side, name: string, how = oidc.ClientSecretPost): Promise<oidc.Configuration> {
  const client = (await side.call('GET', `identity/oidc/client/${name}`)) as Record<string, string>;
  const { client_id: id, client_secret: secret, key } = client;
  const issuer = new URL(`${side.address}/v1/identity/oidc/provider/main`);
  const algorithm = ALGORITHMS.find((one) => one === key) ?? 'RS256';
  return oidc.discovery(
    issuer,
    id!,
    { id_token_signed_response_alg: algorithm },
    secret === undefined ? oidc.None() : how(secret),
    {
      // The test's servers have no certificates.
      // eslint-disable-next-line typescript/no-deprecated
      execute: [oidc.allowInsecureRequests],
    },
  );
}

type Bent = Readonly<Record<string, string>>;

/** A whole login by a code; `bent` goes into the user's URL. */
async function logIn(config: oidc.Configuration, user: User, bent: Bent = {}, verifier?: string) {
  const proof = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const parameters = {
    redirect_uri: REDIRECT,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(proof),
    code_challenge_method: 'S256',
    ...bent,
  };
  const back = await user.at(oidc.buildAuthorizationUrl(config, parameters));
  const checks = {
    pkceCodeVerifier: verifier ?? proof,
    expectedState: state,
    expectedNonce: nonce,
    ...('max_age' in bent ? { maxAge: Number(bent['max_age']) } : {}),
  };
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  return { tokens, again: () => oidc.authorizationCodeGrant(config, back, checks) };
}

/** What the library says of an error of the server. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    return `accepted: ${JSON.stringify(await work)}`;
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) return `${error.status} ${error.error}: ${error.error_description}`;
    if (error instanceof oidc.WWWAuthenticateChallengeError) return `${error.status} ${JSON.stringify(error.cause)}`;
    return (error as Error).message;
  }
}

onBoth('a code flow with every signature, userinfo, and all that is refused: as with the real server', async () => {
  const seen: string[][] = [];
  for (const side of sides) {
    const lines: string[] = [];
    const note = (what: string, value: unknown): void => {
      lines.push(canonical(`${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}`));
    };
    const user = await userOf(side);
    await provide(side);
    note('metadata', (await configured(side, 'RS256')).serverMetadata());
    for (const algorithm of ALGORITHMS) {
      const config = await configured(side, algorithm);
      const { tokens } = await logIn(config, user);
      note(algorithm, tokens);
      note(`${algorithm} claims`, tokens.claims());
      note(`${algorithm} userinfo`, await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub));
    }
    const posting = await configured(side, 'RS256');
    // The library encodes both as the RFC has it, and neither server decodes them.
    const basic = await configured(side, 'RS256', oidc.ClientSecretBasic);
    note('secret in the header', await refusal(logIn(basic, user)));
    const { tokens, again } = await logIn(posting, user, { max_age: '600' });
    note('secret in the form, with an age', tokens.claims());
    note('a code again', await refusal(again()));
    note('no openid', await refusal(logIn(posting, user, { scope: 'profile' })));
    note('an unknown scope', (await logIn(posting, user, { scope: 'openid email' })).tokens.claims());
    note('another verifier', await refusal(logIn(posting, user, {}, oidc.randomPKCECodeVerifier())));
    note('another redirect', await refusal(logIn(posting, user, { redirect_uri: 'http://localhost:9/other' })));
    note('prompt', await refusal(logIn(posting, user, { prompt: 'login' })));
    note('a request object', await refusal(logIn(posting, user, { request: 'x' })));
    note('another response', await refusal(logIn(posting, user, { response_type: 'id_token' })));
    note('a plain challenge', await refusal(logIn(posting, user, { code_challenge_method: 'odd' })));
    const open = await configured(side, 'public');
    note('a public client', (await logIn(open, user)).tokens.claims());
    note(
      'a public client without a proof',
      await refusal(user.at(oidc.buildAuthorizationUrl(open, { redirect_uri: REDIRECT, scope: SCOPE, state: 's' }))),
    );
    note('not assigned', await refusal(logIn(await configured(side, 'closed'), user)));
    const wrong = await configured(side, 'RS256', () => oidc.ClientSecretPost('wrong'));
    note('a wrong secret', await refusal(logIn(wrong, user)));
    const service = await configured(side, 'service');
    note('for itself', await oidc.clientCredentialsGrant(service, { scope: 'openid' }));
    note('for itself without openid', await refusal(oidc.clientCredentialsGrant(service, { scope: 'profile' })));
    note('for itself, not allowed', await refusal(oidc.clientCredentialsGrant(posting, { scope: 'openid' })));
    note('a refresh', await refusal(oidc.refreshTokenGrant(posting, 'none')));
    note('userinfo with a wrong token', await refusal(oidc.fetchUserInfo(posting, 'none', oidc.skipSubjectCheck)));
    await side.call('POST', 'identity/oidc/key/RS256/rotate', { verification_ttl: '1h' });
    note('after a rotation', (await logIn(await configured(side, 'RS256'), user)).tokens.claims());
    seen.push(lines);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[1]!.filter((line) => line.includes('"groups":["devs"]')).length).toBeGreaterThan(2 * ALGORITHMS.length);
});

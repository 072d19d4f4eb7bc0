/**
 * Logins through a real provider (the npm package `oidc-provider`) with the real helper (`bao login -method=oidc`) and a
 * real browser: the same from the real server and from ours, in every mode of callback.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { startChromium } from '../fixtures/chromium.ts';
import { CLIENT, startOidcProvider, type OidcProvider } from '../fixtures/oidc-provider.ts';
import { freePort } from '../program.ts';
import { baoLogin, cancel, confirm, enter, shown, signIn } from './bao-login.ts';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

let browser: Browser | undefined;
let provider: OidcProvider;
let sides: Side[] = [];

const TO_HELPER = 'http://localhost:8250/oidc/callback';
const TO_SERVER = 'http://127.0.0.1/v1/auth/oidc/oidc/callback';

beforeAll(
  () =>
    orSkipped(async () => {
      browser = await startChromium();
      provider = await startOidcProvider(['http://localhost/oidc/callback', TO_SERVER]);
      sides = await startSides();
      for (const side of sides) await configure(side);
    }),
  300_000,
);

afterAll(async () => {
  for (const side of sides) await side.stop();
  await browser?.close();
  await provider?.stop();
});

const config = (side: Side, more: Data = {}): Promise<Data> =>
  side.call('POST', 'auth/oidc/config', {
    oidc_discovery_url: provider.issuer,
    oidc_client_id: CLIENT.client_id,
    oidc_client_secret: CLIENT.client_secret,
    default_role: 'user',
    ...more,
  });

async function configure(side: Side): Promise<void> {
  await side.call('POST', 'sys/auth/oidc', { type: 'oidc' });
  await config(side);
  const role = (name: string, more: Data): Promise<Data> =>
    side.call('POST', `auth/oidc/role/${name}`, {
      user_claim: 'sub',
      groups_claim: 'groups',
      oidc_scopes: 'profile,email',
      allowed_redirect_uris: TO_HELPER,
      policies: 'from-the-role',
      claim_mappings: { email: 'mail' },
      ...more,
    });
  await role('user', {});
  await role('ops', { bound_claims: { groups: 'ops' }, oauth2_metadata: 'access_token' });
  await role('fresh', { max_age: '1h', bound_audiences: CLIENT.client_id });
  await role('other', { bound_audiences: 'somebody-else' });
  await role('elsewhere', { allowed_redirect_uris: 'https://example.com/callback' });
  const direct = { callback_mode: 'direct', allowed_redirect_uris: TO_SERVER };
  await role('direct', direct);
  await role('bold', { ...direct, oidc_disable_confirmation: true });
  await role('device', { callback_mode: 'device' });
  const { accessor } = ((await side.call('GET', 'sys/auth')) as Record<string, Data>)['oidc/']!;
  const group = await side.call('POST', 'identity/group', { name: 'devs', type: 'external', policies: 'of-the-group' });
  const alias = { name: 'devs', mount_accessor: accessor, canonical_id: group['id'] };
  await side.call('POST', 'identity/group-alias', alias);
}

/** Without what no two servers, and no two logins, have in common. */
const canonical = (text: string): string =>
  text
    .replaceAll(/127\.0\.0\.1:\d+|127\.0\.0\.1%3A\d+|localhost:\d+|localhost%3A\d+/g, 'HOST')
    .replaceAll(/(client_nonce|code_challenge|code|nonce|state|user_code)=[\w-]+/g, '$1=…')
    .replaceAll(/"(client_token|accessor|entity_id|oauth2_access_token)":"[^"]+"/g, '"$1":"…"');

/** The pages that the server itself gives are ours, with the titles of upstream's and the reasons of failures. */
const said = (pages: readonly string[]): string[] =>
  pages.map((page) =>
    /^OpenBao Authentication \w+:/.test(page)
      ? page.split(':')[0]!
      : page.replace(/ Not sure how to get started.*/, ''),
  );

interface Scene {
  readonly words?: readonly string[];
  readonly user?: (page: Page, url: string) => Promise<readonly string[]>;
  readonly givesUp?: boolean;
}

/** What both servers' users saw; the test then holds it. */
async function seenOnBoth({ words = [], ...scene }: Scene) {
  const seen = [];
  for (const side of sides) {
    const port = words.includes('callbackmode=client') ? [`port=${await freePort()}`] : [];
    const flags = ['skip_browser=true', ...words, ...port];
    const { pages, ...login } = await baoLogin(browser!, { address: side.address, words: flags, ...scene });
    seen.push({ login, text: canonical(JSON.stringify({ ...login, pages: said(pages) })) });
  }
  const [real, ours] = seen;
  expect(ours!.text).toBe(real!.text);
  return ours!.login;
}

const CLIENT_MODE = 'callbackmode=client';
const alice = (page: Page, url: string): Promise<readonly string[]> => signIn(page, url, 'alice');
const bob = (page: Page, url: string): Promise<readonly string[]> => signIn(page, url, 'bob');
const onBoth = onBothOf(() => sides, 180_000);

onBoth('the helper is called back with a code: policies of the role and of the group, mapped claims', async () => {
  const { exit, auth } = await seenOnBoth({ words: [CLIENT_MODE], user: alice });
  expect(exit).toBe(0);
  expect(auth).toMatchObject({
    token_policies: ['default', 'from-the-role'],
    identity_policies: ['of-the-group'],
    metadata: { mail: 'alice@example.com', role: 'user' },
  });
});

onBoth('bound claims and audiences, an access token in the metadata, an age of the sign-in', async () => {
  expect((await seenOnBoth({ words: [CLIENT_MODE, 'role=ops'], user: alice })).exit).toBe(0);
  expect((await seenOnBoth({ words: [CLIENT_MODE, 'role=ops'], user: bob })).told).toContain('error validating claims');
  expect((await seenOnBoth({ words: [CLIENT_MODE, 'role=fresh'], user: alice })).exit).toBe(0);
  expect((await seenOnBoth({ words: [CLIENT_MODE, 'role=other'], user: alice })).told).toContain('invalid audience');
});

onBoth('a user who does not want to, a role that is not there, a redirect that the role does not have', async () => {
  expect((await seenOnBoth({ words: [CLIENT_MODE], user: cancel })).exit).toBe(2);
  expect((await seenOnBoth({ words: ['role=nosuch'] })).told).toContain('could not be found');
  expect((await seenOnBoth({ words: ['role=elsewhere'] })).told).toContain('Unable to authorize role');
});

onBoth('the server is called back, with a confirmation and without', async () => {
  const direct = ['callbackmode=direct', 'role=direct'];
  const confirmed = async (page: Page, url: string) => confirm(page, await alice(page, url));
  expect((await seenOnBoth({ words: direct, user: confirmed })).exit).toBe(0);
  const refused = async (page: Page, url: string) => confirm(page, await cancel(page, url));
  expect((await seenOnBoth({ words: direct, user: refused, givesUp: true })).auth).toBeUndefined();
  expect((await seenOnBoth({ words: ['callbackmode=direct', 'role=bold'], user: alice })).exit).toBe(0);
});

onBoth('a device that nobody calls back', async () => {
  const user = async (page: Page, url: string): Promise<readonly string[]> => {
    await page.goto(url);
    // The code is the right one.
    await page.click('button[type=submit]');
    await enter(page, 'alice');
    return [await shown(page)];
  };
  expect((await seenOnBoth({ words: ['callbackmode=device', 'role=device'], user })).exit).toBe(0);
});

onBoth('forms that are posted, with an id token and with a code; a wrong secret', async () => {
  const all = async (more: Data): Promise<void> => {
    for (const side of sides) await config(side, more);
  };
  await all({ oidc_response_mode: 'form_post', oidc_response_types: 'id_token' });
  expect((await seenOnBoth({ words: [CLIENT_MODE], user: alice })).exit).toBe(0);
  await all({ oidc_response_mode: 'form_post', oidc_response_types: 'code' });
  expect((await seenOnBoth({ words: [CLIENT_MODE], user: alice })).exit).toBe(0);
  await all({ oidc_client_secret: 'wrong' });
  expect((await seenOnBoth({ words: [CLIENT_MODE], user: alice })).told).toContain('invalid_client');
  await all({});
});

onBoth('the provider signs with another key from now on', async () => {
  await provider.rotate();
  expect((await seenOnBoth({ words: [CLIENT_MODE], user: alice })).exit).toBe(0);
});

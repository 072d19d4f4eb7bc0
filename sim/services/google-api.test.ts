import { expect, it } from 'vitest';
import { decodeBase64 } from '../../core/codec/base64.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { createGcp } from '../../core/engines/gcp/gcp.ts';
import type { Secret } from '../../core/framework/logical.ts';
import { FakeClock, fakeRuntime, TestMount } from '../../core/framework/testing.ts';
import { HOUR, MINUTE, NetworkError, type OutgoingRequest } from '../../core/runtime.ts';
import { GoogleApi } from './google-api.ts';

const shared = fakeRuntime(new FakeClock(1_790_000_000_000_000));
const key = await shared.crypto.rsaGenerate(2048, (length) => shared.random.bytes(length));

const ENGINE = 'projects/p/serviceAccounts/engine@p.iam.gserviceaccount.com/keys/';
const ENGINE_KEY = `${ENGINE}engine-key`;

/** The engine over a stand-in of Google that can be away. */
class World {
  readonly clock = new FakeClock(1_790_000_000_000_000);
  readonly api = new GoogleApi(shared.crypto, key, () => this.clock.wall());
  away = false;
  readonly mount = new TestMount(createGcp, {
    runtime: { ...shared, clock: this.clock, web: { request: (request) => this.#request(request) } },
  });

  async #request({ method, url, headers, body }: OutgoingRequest) {
    if (this.away) throw new NetworkError('refused', 'dial tcp 1.2.3.4:443: connect: connection refused');
    const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(url)!;
    const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]] as const));
    const answer = this.api.answer(host, { method, url: path, headers: lower, body: body ?? new Uint8Array(0) });
    return { status: answer.status, headers: new Map<string, string[]>(), body: answer.body };
  }

  async configured(): Promise<this> {
    const sent = { credentials: this.api.credentials, ttl: '1h', max_ttl: '24h' };
    expect((await this.mount.write('config', sent)).status).toBe(204);
    return this;
  }

  revoke(secret: Secret) {
    return this.mount.backend.handle(this.mount.request('revoke', '', {}, { secret }));
  }

  bindings = (): unknown => this.api.policies.get('p')!['bindings'];
  /** Of others than the engine. */
  emails = (): string[] => [...this.api.accounts.keys()].filter((email) => !email.startsWith('engine@'));
}

const viewer = 'resource "//cloudresourcemanager.googleapis.com/projects/p" {\n  roles = ["roles/viewer"]\n}';

it('makes an account of its own with roles, and a key of it for the time of a lease', async () => {
  const world = await new World().configured();
  world.api.policies.set('p', { etag: 'e0', bindings: [{ role: 'roles/viewer', members: ['user:somebody'] }] });
  world.api.conflicts = 2;
  const made = await world.mount.write('roleset/app', {
    project: 'p',
    bindings: viewer,
    secret_type: 'service_account_key',
  });
  expect(made).toMatchObject({ status: 204 });
  const [email] = world.emails();
  expect(email).toBe('vaultapp-1790000000@p.iam.gserviceaccount.com');
  expect(world.bindings()).toEqual([{ role: 'roles/viewer', members: ['user:somebody', `serviceAccount:${email}`] }]);
  expect((await world.mount.read('roleset/app')).data).toEqual({
    secret_type: 'service_account_key',
    service_account_email: email,
    service_account_project: 'p',
    bindings: { '//cloudresourcemanager.googleapis.com/projects/p': ['roles/viewer'] },
  });
  const seen = await world.mount.read('roleset/app/key', { ttl: '2h' });
  const file = JSON.parse(decodeUtf8(decodeBase64(seen.data!['private_key_data'] as string))) as Record<string, string>;
  expect(file).toMatchObject({ client_email: email, project_id: 'p' });
  const { secret } = seen.response!;
  expect(secret).toMatchObject({ ttl: 2 * HOUR, maxTtl: 24 * HOUR, renewable: true });
  const renewed = await world.mount.backend.handle(world.mount.request('renew', '', {}, { secret: secret! }));
  expect(renewed!.secret).toMatchObject({ ttl: HOUR });
  world.away = true;
  await expect(world.revoke(secret!)).rejects.toThrow(
    'unable to delete service account key: Delete "https://iam.googleapis.com/',
  );
  world.away = false;
  await world.revoke(secret!);
  expect([...world.api.keys.keys()]).toStrictEqual([ENGINE_KEY]);
  // Once more, as after a lost answer.
  await world.revoke(secret!);
  expect((await world.mount.delete('roleset/app')).status).toBe(204);
  expect(world.emails()).toStrictEqual([]);
  expect(world.bindings()).toEqual([{ role: 'roles/viewer', members: ['user:somebody'] }]);
});

it('makes tokens with the scopes of an account that is there, and changes the key that signs for them', async () => {
  const world = await new World().configured();
  const email = 'app@p.iam.gserviceaccount.com';
  world.api.accounts.set(email, 'p');
  const sent = { service_account_email: email, token_scopes: 'https://a,https://b' };
  expect((await world.mount.write('static-account/app', sent)).status).toBe(204);
  const seen = await world.mount.read('static-account/app/token');
  expect(seen.data).toMatchObject({ token_ttl: 3599, expires_at_seconds: 1_790_003_599 });
  expect(seen.data!['token']).toMatch(/^ya29\.\d+\.https:\/\/a https:\/\/b$/);
  const { private_key_id: old } = (await world.mount.read('static-account/app')).data!;
  expect((await world.mount.write('static-account/app/rotate-key')).status).toBe(204);
  const { private_key_id: fresh } = (await world.mount.read('static-account/app')).data!;
  expect(fresh).not.toBe(old);
  expect([...world.api.keys.keys()]).toStrictEqual([
    ENGINE_KEY,
    `projects/p/serviceAccounts/${email}/keys/${fresh as string}`,
  ]);
  expect((await world.mount.read('static-account/app/token')).status).toBe(200);
  expect((await world.mount.read('static-account/app/key')).errors).toStrictEqual([
    'static account "app" cannot generate service account keys (has secret type access_token)',
  ]);
  // What cannot be taken down at once is taken down later.
  world.away = true;
  expect((await world.mount.delete('static-account/app')).warnings![0]).toMatch(/^unable to delete resources/);
  expect(world.api.keys.size).toBe(2);
  world.away = false;
  world.clock.advance(11 * MINUTE);
  await world.mount.backend.periodic!();
  expect([...world.api.keys.keys()]).toStrictEqual([ENGINE_KEY]);
  expect(world.api.accounts.has(email)).toBe(true);
});

it('speaks for an account without a key', async () => {
  const world = await new World().configured();
  const email = 'app@p.iam.gserviceaccount.com';
  const sent = { service_account_email: email, token_scopes: 'https://a', ttl: '30m' };
  expect((await world.mount.write('impersonated-account/app', sent)).errors![0]).toContain(
    `could not confirm service account exists: googleapi: Error 404: Service account ${email} does not exist., notFound`,
  );
  world.api.accounts.set(email, 'p');
  expect((await world.mount.write('impersonated-account/app', sent)).status).toBe(204);
  expect((await world.mount.read('impersonated-account/app/token')).data).toMatchObject({ token_ttl: 1800 });
});

it('changes its own key; what it does afterwards it does with the new one', async () => {
  const world = new World();
  const rotate = () => world.mount.write('config/rotate-root');
  expect((await rotate()).errors).toStrictEqual(['no configuration']);
  await world.mount.write('config', { ttl: '1h' });
  expect((await rotate()).errors![0]).toMatch(/^configuration does not have credentials/);
  await world.configured();
  const { private_key_id: id } = (await rotate()).data!;
  expect([...world.api.keys.keys()]).toStrictEqual([`${ENGINE}${id as string}`]);
  world.api.accounts.set('app@p.iam.gserviceaccount.com', 'p');
  const sent = { service_account_email: 'app@p.iam.gserviceaccount.com', token_scopes: 'https://a' };
  expect((await world.mount.write('impersonated-account/app', sent)).status).toBe(204);
  expect((await world.mount.read('impersonated-account/app/token')).status).toBe(200);
  expect((await rotate()).data!['private_key_id']).not.toBe(id);
});

it('keeps the old key where there is no new one', async () => {
  const world = await new World().configured();
  world.away = true;
  expect((await world.mount.write('config/rotate-root')).errors![0]).toMatch(/^failed to create new key: /);
  world.away = false;
  expect([...world.api.keys.keys()]).toStrictEqual([ENGINE_KEY]);
  expect((await world.mount.write('config/rotate-root')).status).toBe(200);
});

it('gives a role set another account with the same rights', async () => {
  const world = await new World().configured();
  const sent = { project: 'p', bindings: viewer, token_scopes: 'https://a' };
  expect((await world.mount.write('roleset/app', sent)).status).toBe(204);
  const [old] = world.emails();
  world.clock.advance(MINUTE);
  expect((await world.mount.write('roleset/app/rotate')).status).toBe(204);
  const [fresh, ...more] = world.emails();
  expect([fresh === old, more]).toStrictEqual([false, []]);
  expect(world.bindings()).toEqual([{ role: 'roles/viewer', members: [`serviceAccount:${fresh}`] }]);
  expect((await world.mount.read('roleset/app/token')).status).toBe(200);
  expect((await world.mount.write('roleset/none/rotate')).errors).toStrictEqual(["roleset 'none' not found"]);
});

it('takes back an account whose roles could not be set', async () => {
  const world = await new World().configured();
  const bindings = viewer.replace('projects/p', 'projects/other');
  const made = await world.mount.write('roleset/app', { project: 'p', bindings, secret_type: 'service_account_key' });
  expect(made.errors).toStrictEqual([
    'unable to set IAM policy: googleapi: Error 403: The caller does not have permission, forbidden',
  ]);
  expect(world.emails()).toHaveLength(1);
  world.clock.advance(11 * MINUTE);
  await world.mount.backend.periodic!();
  expect(world.emails()).toStrictEqual([]);
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
});

it('says what is wrong with a configuration and with an account', async () => {
  const world = new World();
  expect((await world.mount.write('config', { credentials: '{"type":"zz"}' })).errors).toStrictEqual([
    'invalid credentials JSON file: credentials: unsupported filetype "zz"',
  ]);
  await world.configured();
  expect((await world.mount.read('config')).data).toEqual({ ttl: 3600, max_ttl: 86_400, service_account_email: '' });
  const wrong: readonly (readonly [Record<string, string>, string])[] = [
    [{}, 'project is required argument for new role set'],
    [{ project: 'p' }, 'bindings are required for new role set'],
    [{ project: 'p', bindings: 'x' }, 'unable to parse bindings: '],
    [{ project: 'p', bindings: 'resource "x/y" { roles = ["a"] }' }, 'no resource of this kind is known: "x/y"'],
    [{ project: 'p', bindings: 'resource "projects/p" {}' }, 'no roles given for resource "projects/p"'],
    [{ project: 'p', bindings: viewer, secret_type: 'zz' }, 'invalid "secret_type" value: "zz"'],
  ];
  for (const [sent, text] of wrong) expect((await world.mount.write('roleset/app', sent)).errors![0]).toContain(text);
  expect(world.emails()).toStrictEqual([]);
  expect((await world.mount.read('roleset/app/token')).errors).toStrictEqual(['role set "app" does not exists']);
});

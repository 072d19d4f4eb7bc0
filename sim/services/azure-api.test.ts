import { expect, it } from 'vitest';
import { createAzure } from '../../core/engines/azure/azure.ts';
import type { Secret } from '../../core/framework/logical.ts';
import { FakeClock, fakeRuntime, TestMount } from '../../core/framework/testing.ts';
import { HOUR, MINUTE, NetworkError, type OutgoingRequest } from '../../core/runtime.ts';
import { AzureApi } from './azure-api.ts';

const READER = '/subscriptions/sub/providers/Microsoft.Authorization/roleDefinitions/reader';
const SCOPE = '/subscriptions/sub/resourceGroups/one';

/** The engine over a stand-in of Azure that can be away. */
class World {
  readonly clock = new FakeClock(1_790_000_000_000_000);
  readonly #runtime = fakeRuntime(this.clock);
  readonly api = new AzureApi();
  away = false;
  readonly mount = new TestMount(createAzure, {
    runtime: { ...this.#runtime, web: { request: (request) => this.#request(request) } },
  });

  constructor() {
    this.api.roles.set(READER, 'Reader');
    this.api.groups.set('group-1', { name: 'staff', members: new Set() });
  }

  async #request({ method, url, headers, body }: OutgoingRequest) {
    if (this.away) throw new NetworkError('refused', 'dial tcp 1.2.3.4:443: connect: connection refused');
    const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(url)!;
    const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]] as const));
    const answer = this.api.answer(host, { method, url: path, headers: lower, body: body ?? new Uint8Array(0) });
    return { status: answer.status, headers: new Map<string, string[]>(), body: answer.body };
  }

  async configured(more: Record<string, string> = {}): Promise<this> {
    const { tenant: tenant_id, subscription: subscription_id, clientId, clientSecret } = this.api.admin;
    const config = { tenant_id, subscription_id, client_id: clientId, client_secret: clientSecret, ...more };
    expect((await this.mount.write('config', config)).status).toBe(204);
    return this;
  }

  role(role: Record<string, string | boolean>, name = 'app') {
    return this.mount.write(`roles/${name}`, role);
  }

  /** Waits that the engine makes itself pass by. */
  async passing<T>(work: Promise<T>): Promise<T> {
    const turn = { over: false };
    const over = (): void => {
      turn.over = true;
    };
    work.then(over, over);
    while (!turn.over) {
      await this.mount.settle();
      this.clock.advance(MINUTE / 60);
    }
    return work;
  }

  revoke(secret: Secret) {
    return this.mount.backend.handle(this.mount.request('revoke', '', {}, { secret }));
  }
}

const dynamic = {
  azure_roles: JSON.stringify([{ role_name: 'Reader', scope: SCOPE }]),
  azure_groups: JSON.stringify([{ group_name: 'staff' }]),
  ttl: '1h',
  max_ttl: '24h',
};

it('makes a service principal with roles and groups, and deletes all of it when the lease ends', async () => {
  const world = await new World().configured();
  expect((await world.role(dynamic)).status).toBe(204);
  expect((await world.mount.read('roles/app')).data).toMatchObject({
    ttl: 3600,
    max_ttl: 86_400,
    application_object_id: '',
  });
  // Azure's other machines hear of it a little later.
  world.api.behind = 2;
  const seen = await world.passing(world.mount.read('creds/app'));
  const [app, { appId }] = [...world.api.applications][0]!;
  const [principal, { passwords }] = [...world.api.principals][0]!;
  expect(seen.data).toEqual({ client_id: appId, client_secret: [...passwords.values()][0] });
  expect([...world.api.assignments.values()]).toStrictEqual([{ principal, role: READER }]);
  expect([...world.api.groups.get('group-1')!.members]).toStrictEqual([principal]);
  const { secret } = seen.response!;
  expect(secret).toMatchObject({ ttl: HOUR, maxTtl: 24 * HOUR, renewable: true });
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
  world.away = true;
  await expect(world.revoke(secret!)).rejects.toThrow('connect: connection refused');
  expect(world.api.applications.has(app)).toBe(true);
  world.away = false;
  expect(await world.revoke(secret!)).toBeUndefined();
  expect([world.api.applications.size, world.api.principals.size, world.api.assignments.size]).toStrictEqual([0, 0, 0]);
  expect(world.api.groups.get('group-1')!.members.size).toBe(0);
  expect(world.api.bin).toContain(app);
  // Once more, as after a lost answer: there is nothing, and that is well.
  expect(await world.revoke(secret!)).toBeUndefined();
});

it('deletes for good where the role says so', async () => {
  const world = await new World().configured();
  await world.role({ ...dynamic, permanently_delete: true });
  await world.revoke((await world.mount.read('creds/app')).response!.secret!);
  expect([...world.api.bin]).toStrictEqual([]);
});

it('adds a password to an application that is there, and removes only that', async () => {
  const world = await new World().configured();
  const passwords = new Map([['key-own', 'own']]);
  world.api.applications.set('object-own', { appId: 'app-own', passwords });
  expect((await world.role({ application_object_id: 'object-own' })).status).toBe(204);
  const seen = await world.mount.read('creds/app');
  expect(seen.data).toEqual({ client_id: 'app-own', client_secret: [...passwords.values()][1] });
  await world.revoke(seen.response!.secret!);
  expect([...passwords.keys()]).toStrictEqual(['key-own']);
  expect(await world.revoke(seen.response!.secret!)).toBeUndefined();
});

it('changes its own password, and ends the others when Azure knows the new one', async () => {
  const world = new World();
  expect((await world.mount.write('rotate-root')).errors).toStrictEqual(['config is nil']);
  await world.configured();
  expect((await world.mount.write('rotate-root')).errors).toStrictEqual(['no application found']);
  const passwords = new Map([
    ['key-old', 'engine-secret'],
    ['key-other', 'other'],
  ]);
  world.api.applications.set('object-engine', { appId: 'engine', passwords });
  expect((await world.mount.write('rotate-root')).status).toBe(204);
  expect([...passwords.keys()]).toStrictEqual(['key-old', 'key-other', expect.any(String)]);
  await world.mount.backend.periodic!();
  expect(passwords.size).toBe(3);
  world.clock.advance(2 * MINUTE);
  world.away = true;
  await expect(world.mount.backend.periodic!()).rejects.toThrow('connection refused');
  expect(passwords.size).toBe(3);
  world.away = false;
  await world.mount.backend.periodic!();
  expect([...passwords.keys()]).toStrictEqual([expect.stringMatching(/^key-\d/)]);
  expect((await world.mount.read('config')).data).toMatchObject({
    root_password_expiration_date: expect.stringMatching(/^2027-/),
  });
  expect((await world.role(dynamic)).status).toBe(204);
  expect((await world.passing(world.mount.read('creds/app'))).status).toBe(200);
});

it('goes on with the new password where it died between storing it and ending the others', async () => {
  const world = await new World().configured();
  const passwords = new Map([['key-old', 'engine-secret']]);
  world.api.applications.set('object-engine', { appId: 'engine', passwords });
  await world.mount.write('rotate-root');
  world.clock.advance(2 * MINUTE);
  world.api.stuck = true;
  await expect(world.mount.backend.periodic!()).rejects.toThrow('try again');
  world.api.stuck = false;
  passwords.delete('key-old');
  await world.mount.backend.periodic!();
  expect((await world.role(dynamic)).status).toBe(204);
});

it('takes back an application whose roles could not be assigned', async () => {
  const world = await new World().configured();
  await world.role(dynamic);
  world.api.groups.delete('group-1');
  const seen = await world.passing(world.mount.read('creds/app'));
  expect(seen.errors![0]).toMatch(/^error while adding group membership: Status=404 Code="Request_ResourceNotFound"/);
  expect([world.api.applications.size, world.api.assignments.size]).toStrictEqual([1, 1]);
  world.clock.advance(11 * MINUTE);
  await world.mount.backend.periodic!();
  expect([world.api.applications.size, world.api.assignments.size]).toStrictEqual([0, 0]);
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
});

it('says what is wrong with a configuration and with a role', async () => {
  const world = new World();
  expect((await world.role(dynamic)).errors).toStrictEqual(['subscription_id is required']);
  expect((await world.mount.write('config', { environment: 'zz' })).errors).toStrictEqual([
    '1 error occurred:\n\t* autorest/azure: There is no cloud environment matching the name "ZZ"\n\n',
  ]);
  await world.configured({ client_secret: 'wrong' });
  expect((await world.role(dynamic)).errors![0]).toContain('Status=401 Code="invalid_client" Message="AADSTS7000215');
  await world.configured();
  expect((await world.mount.read('config')).data).toEqual({
    subscription_id: 'sub',
    tenant_id: 'tenant',
    client_id: 'engine',
    environment: '',
    root_password_ttl: 15_724_800,
  });
  expect((await world.mount.read('creds/none')).errors).toStrictEqual(["role 'none' does not exist"]);
  const role = (...roles: object[]) => ({ azure_roles: JSON.stringify(roles) });
  const group = (...groups: object[]) => ({ azure_groups: JSON.stringify(groups) });
  const reader = { role_name: 'Reader', scope: SCOPE };
  const wrong: readonly (readonly [Record<string, string>, string])[] = [
    [{}, 'either Azure role definitions, group definitions, or an Application Object ID must be provided'],
    [{ ...dynamic, ttl: '48h' }, 'ttl cannot be greater than max_ttl'],
    [{ azure_roles: '{' }, "error parsing Azure roles '{': unexpected end of JSON input"],
    [role({ role_name: 'Nobody', scope: SCOPE }), "no role found for role_name: 'Nobody'"],
    [role({ role_id: `${READER}x`, scope: SCOPE }), `no role found for role_id: '${READER}x'`],
    [role(reader, reader), `duplicate role_id and scope: '${READER}', '${SCOPE}'`],
    [group({ group_name: 'none' }), "no group found for group_name: 'none'"],
    [group({ object_id: 'none' }), "no group found for object_id: 'none'"],
    [group({ group_name: 'staff' }, { object_id: 'group-1' }), "duplicate object_id 'group-1'"],
    [{ application_object_id: 'none' }, 'error loading Application: Status=404 Code="Request_ResourceNotFound"'],
  ];
  for (const [sent, text] of wrong) expect((await world.role(sent)).errors![0]).toContain(text);
  world.api.groups.set('group-2', { name: 'staff', members: new Set() });
  expect((await world.role(group({ group_name: 'staff' }))).errors).toStrictEqual([
    "multiple matches found for group_name: 'staff'. Specify group by ObjectID instead.",
  ]);
});

/** An application that was there before, with a password of somebody else's. */
async function withApplication(): Promise<{ readonly world: World; readonly passwords: Map<string, string> }> {
  const world = await new World().configured();
  const passwords = new Map([['key-own', 'own']]);
  world.api.applications.set('object-own', { appId: 'app-own', passwords });
  return { world, passwords };
}

const staticRole = { application_object_id: 'object-own', ttl: '720h', metadata: { team: 'a' } };

it('keeps one password of an application, and makes it anew when somebody asks', async () => {
  const { world, passwords } = await withApplication();
  const { mount } = world;
  expect((await mount.write('static-roles/App', staticRole)).status).toBe(204);
  expect((await mount.list('static-roles')).data).toEqual({ keys: ['app'] });
  expect((await mount.read('static-roles/app')).data).toEqual({ ...staticRole, ttl: 2_592_000 });
  const [first] = [...passwords.keys()].slice(1);
  expect((await mount.read('static-creds/app')).data).toEqual({
    client_id: 'app-own',
    client_secret: passwords.get(first!),
    secret_id: first,
    expiration: '2026-10-21T14:13:20Z',
    metadata: { team: 'a' },
  });
  // Changing what is said of it makes no other password.
  await mount.write('static-roles/app', { ttl: 0 });
  expect([...passwords.keys()]).toStrictEqual(['key-own', first]);
  expect((await mount.write('rotate-role/app')).status).toBe(204);
  const [own, second] = [...passwords.keys()];
  expect([own, passwords.size]).toStrictEqual(['key-own', 2]);
  expect((await mount.read('static-creds/app')).data).toMatchObject({
    client_secret: passwords.get(second!),
    secret_id: second,
    expiration: expect.stringMatching(/^2036-/),
  });
  // Two at once take turns.
  await Promise.all([mount.write('rotate-role/app'), mount.write('rotate-role/app')]);
  expect(passwords.size).toBe(2);
  expect((await mount.delete('static-roles/app')).status).toBe(204);
  expect([...passwords.keys()]).toStrictEqual(['key-own']);
  expect((await mount.read('static-creds/app')).status).toBe(404);
});

it('never is without a password that Azure knows, and removes later what it could not remove', async () => {
  const { world, passwords } = await withApplication();
  const { mount, api } = world;
  await mount.write('static-roles/app', staticRole);
  const secret = async () => (await mount.read('static-creds/app')).data!['client_secret'];
  const before = await secret();
  world.away = true;
  expect((await mount.write('rotate-role/app')).errors![0]).toContain('connection refused');
  expect(await secret()).toBe(before);
  world.away = false;
  api.stuck = true;
  expect((await mount.write('rotate-role/app')).errors![0]).toMatch(
    /^error removing credentials: Status=503 Code="ServiceUnavailable"/,
  );
  expect(await secret()).not.toBe(before);
  expect(passwords.size).toBe(3);
  api.stuck = false;
  await mount.write('rotate-role/app');
  expect(passwords.size).toBe(2);
  expect([...passwords.values()]).toContain(await secret());
});

it('leaves no password behind in an application that a static role leaves', async () => {
  const { world, passwords } = await withApplication();
  const other = new Map<string, string>();
  world.api.applications.set('object-other', { appId: 'app-other', passwords: other });
  await world.mount.write('static-roles/app', staticRole);
  await world.mount.write('static-roles/app', { application_object_id: 'object-other' });
  expect([...passwords.keys()]).toStrictEqual(['key-own']);
  expect((await world.mount.read('static-creds/app')).data).toMatchObject({
    client_id: 'app-other',
    client_secret: [...other.values()][0],
  });
});

it.each([
  ['made anew while it is deleted', 'rotate-role/app', {}],
  ['moved while it is deleted', 'static-roles/app', { application_object_id: 'object-other' }],
])('leaves no password behind when a static role is %s', async (_, path, body) => {
  const { world, passwords } = await withApplication();
  const other = new Map<string, string>();
  world.api.applications.set('object-other', { appId: 'app-other', passwords: other });
  await world.mount.write('static-roles/app', staticRole);
  await Promise.all([world.mount.write(path, body), world.mount.delete('static-roles/app')]);
  // Whoever came second: a role that is there has its password, one that is gone has none.
  const kept = (await world.mount.read('static-creds/app')).data;
  expect([...passwords.keys(), ...other.keys()]).toStrictEqual(['key-own', ...(kept ? [kept['secret_id']] : [])]);
  expect((await world.mount.read('static-roles/app')).status).toBe(kept ? 200 : 404);
});

it('says what is wrong with a static role', async () => {
  const world = new World();
  expect((await world.mount.write('static-roles/app', staticRole)).errors).toStrictEqual(['config is nil']);
  await world.configured();
  expect((await world.mount.write('static-roles/app', {})).errors).toStrictEqual([
    "missing required field 'application_object_id'",
  ]);
  expect((await world.mount.write('static-roles/app', staticRole)).errors![0]).toContain(
    'error loading Application: Status=404 Code="Request_ResourceNotFound"',
  );
  expect((await world.mount.write('rotate-role/none')).errors).toStrictEqual(['role not found in storage']);
  expect((await world.mount.read('static-creds/none')).status).toBe(404);
});

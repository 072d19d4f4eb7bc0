import { expect, it } from 'vitest';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { createAws } from '../../core/engines/aws/aws.ts';
import { fakeRuntime, FakeClock, TestMount } from '../../core/framework/testing.ts';
import type { Secret } from '../../core/framework/logical.ts';
import { HOUR, MINUTE, NetworkError, type OutgoingRequest } from '../../core/runtime.ts';
import { AwsApi } from './aws-api.ts';

/** The engine over a stand-in of AWS that can be away. */
class World {
  readonly clock = new FakeClock(1_790_000_000_000_000);
  readonly #runtime = fakeRuntime(this.clock);
  readonly api = new AwsApi(this.#runtime.crypto, () => this.clock.wall());
  away = false;
  /** What AWS does and nobody hears of. */
  mute = '';
  readonly mount = new TestMount(createAws, {
    runtime: { ...this.#runtime, web: { request: (request) => this.#request(request) } },
  });

  async #request({ method, url, headers, body }: OutgoingRequest) {
    if (this.away) throw new NetworkError('refused', 'dial tcp 1.2.3.4:80: connect: connection refused');
    const [, host = '', path = ''] = /^http:\/\/([^/]+)(.*)$/.exec(url)!;
    const lower = Object.entries({ ...headers, Host: host }).map(
      ([name, value]) => [name.toLowerCase(), [value]] as const,
    );
    const sent = body ?? new Uint8Array(0);
    const answer = this.api.answer({ method, url: path, headers: new Map(lower), body: sent });
    if (this.mute !== '' && this.api.done.at(-1) === this.mute) throw new NetworkError('reset', 'EOF');
    return { status: answer.status, headers: new Map<string, string[]>(), body: answer.body };
  }

  async configured(more: Record<string, string | number> = {}): Promise<this> {
    const { accessKey: access_key, secretKey: secret_key } = this.api.admin;
    const endpoints = { iam_endpoint: 'http://iam/', sts_endpoint: 'http://sts' };
    const seen = await this.mount.write('config/root', {
      access_key,
      secret_key,
      max_retries: 0,
      ...endpoints,
      ...more,
    });
    expect(seen.status).toBe(204);
    return this;
  }

  async role(name: string, role: Record<string, string | number>): Promise<void> {
    expect(await this.mount.write(`roles/${name}`, role)).toMatchObject({ status: 204 });
  }

  /** As the lease of a secret ends. */
  revoke(secret: Secret, issueTime = this.clock.wall()) {
    return this.mount.backend.handle(this.mount.request('revoke', '', {}, { secret: { ...secret, issueTime } }));
  }

  names(): string[] {
    return [...this.api.users.keys()].filter((name) => name !== 'admin');
  }
}

const document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "a b"}}';

it('makes a user with all that its role says, and takes all of it away when the lease ends', async () => {
  const world = await new World().configured();
  world.api.groups.set('staff', { attached: [], policies: new Map() });
  await world.mount.write('config/lease', { lease: '1h', lease_max: '24h' });
  expect((await world.mount.read('config/lease')).data).toEqual({ lease: '1h0m0s', lease_max: '24h0m0s' });
  await world.role('deploy', {
    credential_type: 'iam_user',
    policy_document: document,
    policy_arns: 'arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/B',
    iam_groups: 'staff',
    iam_tags: 'team=ops',
    user_path: '/bao/',
    permissions_boundary_arn: 'arn:aws:iam::aws:policy/Edge',
  });
  const seen = await world.mount.read('creds/deploy');
  const [name] = world.names();
  expect(name).toMatch(/^vault-root-deploy-1790000000-[A-Za-z0-9]{20}$/);
  const user = world.api.users.get(name!)!;
  expect(user).toMatchObject({ path: '/bao/', boundary: 'arn:aws:iam::aws:policy/Edge' });
  expect([...user.attached]).toStrictEqual(['arn:aws:iam::aws:policy/A', 'arn:aws:iam::aws:policy/B']);
  expect([...user.policies.keys()]).toStrictEqual(['deploy']);
  expect([...user.groups]).toStrictEqual(['staff']);
  expect([...user.tags]).toStrictEqual([['team', 'ops']]);
  expect(seen.data).toMatchObject({ access_key: [...user.keys.keys()][0], security_token: null });
  const { secret } = seen.response!;
  expect(secret).toMatchObject({ ttl: HOUR, maxTtl: 24 * HOUR, renewable: true });
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
  await world.revoke(secret!);
  expect(world.names()).toStrictEqual([]);
});

it('does not end a lease as long as AWS is away, or cannot be sure that the user is gone', async () => {
  const world = await new World().configured();
  await world.role('deploy', { credential_type: 'iam_user', policy_document: document });
  const { secret } = (await world.mount.read('creds/deploy')).response!;
  world.away = true;
  await expect(world.revoke(secret!)).rejects.toThrow(
    'RequestError: send request failed\ncaused by: Post "http://iam/": dial tcp',
  );
  world.away = false;
  world.api.denied.add('DeleteUser');
  await expect(world.revoke(secret!)).rejects.toThrow(
    'AccessDenied: User: arn:aws:iam::123456789012:user/admin is not',
  );
  world.api.denied.clear();
  await world.revoke(secret!);
  expect(world.names()).toStrictEqual([]);
  await expect(world.revoke(secret!)).rejects.toThrow('NoSuchEntity: The user with name');
  expect(await world.revoke(secret!, world.clock.wall() - 6 * MINUTE)).toBeUndefined();
});

it('takes back a user that nobody got: refused half way, or made without an answer', async () => {
  const world = await new World().configured();
  await world.role('deploy', { credential_type: 'iam_user', policy_document: document });
  world.api.denied.add('CreateAccessKey');
  expect((await world.mount.read('creds/deploy')).errors![0]).toMatch(/^Error creating access keys: AccessDenied: /);
  world.api.denied.clear();
  world.mute = 'CreateUser';
  expect((await world.mount.read('creds/deploy')).errors![0]).toMatch(/^Error creating IAM user: RequestError: /);
  world.mute = '';
  expect(world.names()).toHaveLength(2);
  world.clock.advance(MINUTE);
  await world.mount.backend.periodic!();
  expect(world.names()).toHaveLength(2);
  world.clock.advance(5 * MINUTE);
  world.away = true;
  await world.mount.backend.periodic!();
  expect(await world.mount.context.storage.list('wal/')).toHaveLength(2);
  world.away = false;
  await world.mount.backend.periodic!();
  expect(world.names()).toStrictEqual([]);
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
});

it('gives sessions that end by themselves, limited to what role and groups allow', async () => {
  const world = await new World().configured();
  world.api.groups.set('staff', { attached: ['arn:aws:iam::aws:policy/C'], policies: new Map([['p', document]]) });
  const arn = 'arn:aws:iam::123456789012:role/app';
  await world.role('app', {
    credential_type: 'assumed_role',
    role_arns: arn,
    default_sts_ttl: '30m',
    max_sts_ttl: '2h',
  });
  const seen = await world.mount.read('sts/app', { ttl: '5h' });
  expect(seen.data).toMatchObject({ ttl: 7200, security_token: 'token2', access_key: 'ASIA2' });
  expect(seen.data!['arn']).toMatch(/^arn:aws:sts::123456789012:assumed-role\/app\/vault-root-app-/);
  expect(seen.response!.secret).toMatchObject({ renewable: false, ttl: 2 * HOUR });
  expect(await world.revoke(seen.response!.secret!)).toBeUndefined();
  expect((await world.mount.read('creds/app')).data).toMatchObject({ ttl: 1800 });
  expect((await world.mount.read('sts/app', { role_arn: 'other' })).errors).toStrictEqual([
    'role_arn "other" not in allowed role arns for Vault role "app"',
  ]);
  await world.role('fed', { credential_type: 'federation_token', iam_groups: 'staff', policy_document: document });
  expect((await world.mount.write('sts/fed', {})).data).toMatchObject({ ttl: 3600 });
  await world.role('bare', { credential_type: 'federation_token' });
  expect((await world.mount.read('sts/bare')).errors).toStrictEqual([
    'must specify at least one of policy_arns or policy_document with federation_token credential_type',
  ]);
  await world.role('own', { credential_type: 'session_token' });
  expect((await world.mount.read('sts/own', { ttl: 900 })).data).toMatchObject({ ttl: 900 });
});

it('rotates its own key, and works on with the new one', async () => {
  const world = await new World().configured();
  const rotated = await world.mount.write('config/rotate-root');
  const { access_key: fresh } = rotated.data!;
  expect([...world.api.users.get('admin')!.keys.keys()]).toStrictEqual([fresh]);
  expect((await world.mount.read('config/root')).data).toMatchObject({ access_key: fresh, max_retries: 0 });
  await world.role('deploy', { credential_type: 'iam_user', policy_document: document });
  expect((await world.mount.read('creds/deploy')).status).toBe(200);
});

it('keeps the keys of a user that is there, makes new ones in time, and deletes them with the role', async () => {
  const world = await new World().configured();
  const keys = new Map([
    ['AKIAOLD', { secret: 'x', made: 1 }],
    ['AKIAOLDER', { secret: 'x', made: 0 }],
  ]);
  world.api.users.set('app', { ...world.api.users.get('admin')!, id: 'AIDAAPP', keys });
  expect(
    (await world.mount.write('static-roles/app', { username: 'app', rotation_period: '30s' })).errors,
  ).toStrictEqual(['role rotation period out of range: must be greater than 60.00 seconds']);
  expect((await world.mount.write('static-roles/app', { username: 'none', rotation_period: '1h' })).errors![0]).toMatch(
    /^unable to validate username "none": NoSuchEntity: The user with name none cannot be found\.\n\tstatus code: 404, request id: r1$/,
  );
  expect((await world.mount.write('static-roles/app', { username: 'app', rotation_period: '1h' })).data).toEqual({
    name: 'app',
    id: 'AIDAAPP',
    username: 'app',
    rotation_period: 3600,
  });
  const first = (await world.mount.read('static-creds/app')).data!;
  expect([...keys.keys()]).toStrictEqual(['AKIAOLD', first['access_key']]);
  world.clock.advance(HOUR);
  world.away = true;
  await world.mount.backend.periodic!();
  expect((await world.mount.read('static-creds/app')).data).toStrictEqual(first);
  world.away = false;
  await world.mount.backend.periodic!();
  const second = (await world.mount.read('static-creds/app')).data!;
  expect([...keys.keys()]).toStrictEqual([first['access_key'], second['access_key']]);
  expect((await world.mount.delete('static-roles/app')).status).toBe(204);
  expect([...keys.keys()]).toStrictEqual([first['access_key']]);
  expect((await world.mount.read('static-creds/app')).status).toBe(404);
});

it('says what is wrong with a role, a lease and a key', async () => {
  const world = new World();
  expect((await world.mount.read('creds/none')).errors).toStrictEqual(['Role "none" not found']);
  await world.role('deploy', { credential_type: 'iam_user' });
  expect((await world.mount.read('creds/deploy')).errors).toStrictEqual([
    'NoCredentialProviders: no valid providers in chain',
  ]);
  await world.configured({ secret_key: 'wrong' });
  expect((await world.mount.read('creds/deploy')).errors![0]).toMatch(
    /^Error creating IAM user: SignatureDoesNotMatch: /,
  );
  expect(await world.mount.context.storage.list('wal/')).toStrictEqual([]);
  const wrong: readonly (readonly [Record<string, string>, string])[] = [
    [{}, '* did not supply credential_type'],
    [{ credential_type: 'x' }, '* unrecognized credential type: x'],
    [
      { credential_type: 'iam_user', role_arns: 'a' },
      "* cannot supply role_arns when credential_type isn't assumed_role",
    ],
    [{ credential_type: 'iam_user', max_sts_ttl: '1h' }, '* max_sts_ttl parameter only valid for assumed_role and'],
    [
      { credential_type: 'assumed_role', user_path: '/x/' },
      '* user_path parameter only valid for iam_user credential type',
    ],
    [{ credential_type: 'iam_user', user_path: 'x' }, '* The specified value for user_path is invalid. It must match'],
    [
      { credential_type: 'iam_user', permissions_boundary_arn: 'arn:aws:s3:::policy/x' },
      '* invalid permissions_boundary_arn parameter: expected a service of iam but got s3',
    ],
    [{ credential_type: 'iam_user', policy_document: '{' }, 'cannot parse policy document: "{"'],
    [
      { credential_type: 'iam_user', external_id: 'x' },
      "cannot supply external_id when credential_type isn't assumed_role",
    ],
  ];
  for (const [role, text] of wrong) {
    const { status, errors } = await world.mount.write('roles/wrong', role);
    expect(status).toBe(400);
    expect(errors![0]).toContain(text);
  }
  expect((await world.mount.write('config/lease', { lease: '1h' })).errors).toStrictEqual([
    "'lease_max' is a required parameter",
  ]);
  expect((await world.mount.read('roles/deploy')).data).toMatchObject({ credential_type: 'iam_user', policy_arns: [] });
  expect(encodeUtf8(JSON.stringify((await world.mount.send('list', 'roles')).data))).toEqual(
    encodeUtf8('{"keys":["deploy"]}'),
  );
});

/** Users that we make, before a real RabbitMQ: they get in as far as their role says, and not any more once revoked. */
import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackages } from '../fixtures/packages.ts';
import { freePort } from '../program.ts';
import { oursInProcess } from '../targets/ours.ts';
import { orSkipped, Side } from './side.ts';

const BROKER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

let folder = '';
let address = '';
let broker: ChildProcess | undefined;
let printed = '';
let ours: Side;

beforeAll(
  () =>
    orSkipped(async () => {
      const there = await access(BROKER).then(
        () => true,
        () => false,
      );
      if (!there) await installPackages('RabbitMQ', ['rabbitmq-server']);
      folder = await mkdtemp(join(tmpdir(), 'steamer-rabbitmq-'));
      await startBroker();
      ours = new Side('ours', await oursInProcess().start('dev'));
      await ours.call('POST', 'sys/mounts/rabbitmq', { type: 'rabbitmq' });
    }),
  300_000,
);

afterAll(async () => {
  await ours?.stop();
  await stopBroker();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** With everything that it writes in the folder, and a port mapper of its own. */
async function startBroker(): Promise<void> {
  const [amqp, management, distribution, mapper] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  address = `http://127.0.0.1:${management}`;
  await writeFile(join(folder, 'plugins'), '[rabbitmq_management].\n');
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${management}`,
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
  broker = spawn(BROKER, [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      HOME: folder,
      RABBITMQ_NODENAME: 'steamer@localhost',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_DIST_PORT: String(distribution),
      ERL_EPMD_PORT: String(mapper),
    },
  });
  for (const stream of [broker.stdout!, broker.stderr!])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  for (let attempt = 0; attempt < 600; attempt++) {
    if (broker.exitCode !== null) break;
    if ((await whoami('guest', 'guest')) === 200) return;
    // Nothing tells us when a broker listens but asking it.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`RabbitMQ did not start:\n${printed}`);
}

/** The broker, its virtual machine and its port mapper are one group. */
async function stopBroker(): Promise<void> {
  const child = broker;
  if (child?.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await gone;
}

async function api(user: string, password: string, path: string): Promise<Response | undefined> {
  const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  return fetch(`${address}/api/${path}`, { headers }).catch(() => undefined);
}

const whoami = async (user: string, password: string): Promise<number | undefined> =>
  (await api(user, password, 'whoami'))?.status;

test('a user gets in with what its role says, and is gone with its lease', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const connection = { connection_uri: address, username: 'guest', password: 'guest' };
  await expect(ours.call('POST', 'rabbitmq/config/connection', { ...connection, password: 'wrong' })).rejects.toThrow(
    'failed to validate the connection: Error: API responded with a 401 Unauthorized',
  );
  await ours.call('POST', 'rabbitmq/config/connection', connection);
  await ours.call('POST', 'rabbitmq/roles/app', {
    tags: 'monitoring,management',
    vhosts: '{"/":{"configure":"c.*","write":"w.*","read":"r.*"}}',
    vhost_topics: '{"/":{"amq.topic":{"write":"tw","read":"tr"}}}',
  });
  const { username, password } = (await ours.call('GET', 'rabbitmq/creds/app')) as Record<string, string>;
  expect(await whoami(username!, password!)).toBe(200);
  const name = encodeURIComponent(username!);
  const of = async (path: string): Promise<unknown> => (await api('guest', 'guest', path))!.json();
  expect(await of(`users/${name}`)).toMatchObject({ tags: ['monitoring', 'management'] });
  expect(await of(`users/${name}/permissions`)).toMatchObject([
    { vhost: '/', configure: 'c.*', write: 'w.*', read: 'r.*' },
  ]);
  expect(await of(`users/${name}/topic-permissions`)).toMatchObject([
    { vhost: '/', exchange: 'amq.topic', write: 'tw', read: 'tr' },
  ]);
  await ours.call('PUT', 'sys/leases/revoke-prefix/rabbitmq', {});
  expect(await whoami(username!, password!)).toBe(401);
});

test('a user that cannot be given its permissions does not stay', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  await ours.call('POST', 'rabbitmq/roles/lost', { vhosts: '{"nohost":{"configure":"","write":"","read":""}}' });
  await expect(ours.call('GET', 'rabbitmq/creds/lost')).rejects.toThrow(
    'Error 400 (bad_request): vhost_or_user_not_found',
  );
  const users = (await (await api('guest', 'guest', 'users'))!.json()) as { readonly name: string }[];
  expect(users.map(({ name }) => name)).toEqual(['guest']);
});

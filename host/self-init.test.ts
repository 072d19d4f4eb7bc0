import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

let folder: string;
let server: RunningServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  delete process.env['STEAMER_TEST_PASSWORD'];
  await rm(folder, { recursive: true, force: true });
});

const seal = `seal "static" {
  current_key_id = "k"
  current_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
}`;

const request = (name: string, path: string, data: string, more = ''): string =>
  `request "${name}" {\n operation = "update"\n path = "${path}"\n ${more}\n data = {\n${data}\n}\n}`;

const source = (key: string, type: string, fields: string): string =>
  `${key} = {\n eval_type = "${type}"\n ${fields}\n}`;

async function start(requests: readonly string[], seals = seal, storage = 'storage "inmem" {}'): Promise<void> {
  const text = `${storage}
${seals}
listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
}
initialize "all" {
${requests.join('\n')}
}`;
  const { configuration } = parseConfiguration(text, '');
  const failed = (error: unknown): never => {
    throw error;
  };
  server = await startServer({ configuration, log: { write: () => undefined }, failed });
}

const users = [
  request('enable', 'sys/auth/userpass', 'type = "userpass"'),
  request('kv', 'sys/mounts/kv', 'type = "kv"'),
  request('policy', 'sys/policies/acl/p', String.raw`policy = "path \"kv/*\" { capabilities = [\"read\"] }"`),
  request(
    'bob',
    'auth/userpass/users/bob',
    `${source('password', 'string', 'eval_source = "env"\n env_var = "STEAMER_TEST_PASSWORD"\n require_present = true')}
     token_policies = ["p"]`,
  ),
  request('login', 'auth/userpass/login/bob', 'password = "sesame"'),
];

test('a server does what its configuration asks, with values from everywhere, and shows no root token', async () => {
  process.env['STEAMER_TEST_PASSWORD'] = 'sesame';
  await writeFile(join(folder, 'text'), 'from a file');
  const from = (kind: string, name: string, field: string): string =>
    `eval_source = "${kind}"\n initialize_name = "all"\n ${kind}_name = "${name}"\n field_selector = ${field}`;
  const data = [
    source('file', 'string', `eval_source = "file"\n path = "${join(folder, 'text')}"`),
    source('request', 'string', from('request', 'bob', '["map", "password"]')),
    source('response', 'any', from('response', 'login', '["auth", "policies"]')),
    source('cel', 'int', 'eval_source = "cel"\n expression = "size(requests.all.bob.map.token_policies) + 2"'),
    source(
      'template',
      'string',
      'eval_source = "template"\n template = "{{ .requests.all.bob.map.password | uppercase }}-{{ .mine }}"\n data = { mine = "own" }',
    ),
    'literal = ["a", true]',
  ];
  const mayFail = request('may-fail', 'nope/x', '', 'allow_failure = true');
  await start([...users, request('put', 'kv/x', data.join('\n')), mayFail]);
  const { address } = server!.listeners[0]!;
  const login = await fetch(`http://${address}/v1/auth/userpass/login/bob`, {
    method: 'PUT',
    body: '{"password":"sesame"}',
  });
  const { auth } = (await login.json()) as { auth: { client_token: string } };
  const read = await fetch(`http://${address}/v1/kv/x`, { headers: { 'X-Vault-Token': auth.client_token } });
  expect(await read.json()).toMatchObject({
    data: {
      file: 'from a file',
      request: 'sesame',
      response: ['default', 'p'],
      cel: 3,
      template: 'SESAME-own',
      literal: ['a', true],
    },
  });
});

// What a 2.7.2 server says and ends with.
test.each([
  [
    [request('bad', 'kv/x', source('v', 'string', 'eval_source = "nope"'))],
    "initialize.[all (0)]: request.[bad (0)]: in building request: failed to evaluate data: while evaluating map.v: unknown value for 'eval_source': nope",
  ],
  [
    [request('bad', 'kv/x', source('v', 'zzz', 'eval_source = "env"\n env_var = "Q"'))],
    "initialize.[all (0)]: request.[bad (0)]: in building request: failed to evaluate data: while evaluating map.v: failed to convert value to type 'zzz': unsupported type conversion: zzz",
  ],
  [
    [request('bad', 'kv/x', source('v', 'string', 'eval_source = "file"\n path = "/none"'))],
    "initialize.[all (0)]: request.[bad (0)]: in building request: failed to evaluate data: while evaluating map.v: failed to validate source 'file': failed to open file: open /none: no such file or directory",
  ],
  [
    [request('a', 'sys/mounts/k', 'type = "kv"'), request('a', 'sys/mounts/l', 'type = "kv"')],
    "duplicate request name 'a' in outer block 'all' at indices 0 and 1",
  ],
  [
    ['request "x" {\n path = "sys/mounts"\n}'],
    'initialize.[all (0)]: request.[x (0)]: failed to evaluate request: cannot handle internal-only request operation',
  ],
])('%j is refused', async (requests, message) => {
  await expect(start(requests)).rejects.toThrow(message);
});

test('a server that failed half-way is never unsealed; one that is through starts again', async () => {
  const storage = (name: string): string => `storage "file" {\n path = "${join(folder, name)}"\n}`;
  const [enable] = users;
  await expect(start([enable!, request('bad', 'nope/x', '')], seal, storage('half'))).rejects.toThrow('[bad (1)]');
  await expect(start([enable!], seal, storage('half'))).rejects.toThrow(
    'unseal with stored key failed: self-initialization failed: refusing to unseal',
  );
  await start([enable!], seal, storage('whole'));
  await server!.stop();
  await start([enable!], seal, storage('whole'));
  await expect.poll(() => server!.node.states.state).toBe('active');
});

test('keys that people hold cannot be handed to anybody', async () => {
  await expect(start([], '')).rejects.toThrow(
    "self-initialization requires auto-unseal as there is no way to persist the Shamir's keys",
  );
});

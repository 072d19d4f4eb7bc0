import { expect, test } from 'vitest';
import { decodeBase64Raw } from '../codec/base64.ts';
import { parse, print } from '../codec/json.ts';
import type { JsonObject } from '../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { defaultConfig } from './default-config.ts';
import { builtinCatalog } from './mounts/builtin.ts';
import { testNode } from './node.fixture.ts';
import { RecoveryNode } from './recovery.ts';

const ATTEMPT = 'sys/generate-recovery-token/attempt';
const UPDATE = 'sys/generate-recovery-token/update';

/** The storage of an initialised server, with a value in it, opened again in recovery mode. */
async function recovering() {
  const client = testNode();
  await client.node.start();
  const made = await client.call('PUT', 'sys/init', { secret_shares: 2, secret_threshold: 2 });
  const keys = made.body['keys'] as string[];
  for (const key of keys) await client.call('PUT', 'sys/unseal', { key });
  await client.node.stop();
  let recovered = 0;
  const recover = () => Promise.resolve(void recovered++);
  const { runtime } = client.node;
  const node = new RecoveryNode(
    runtime,
    defaultConfig({ type: 'inmem', storage: client.storage, recover }, builtinCatalog()),
  );
  const call = async (method: string, path: string, body?: JsonObject, token = '') => {
    const answer = await node.http({
      method,
      url: `/v1/${path}`,
      headers: new Map(token === '' ? [] : [['x-vault-token', [token]]]),
      body: encodeUtf8(body === undefined ? '' : print(body)),
      remote: { address: '127.0.0.1', port: 50_000 },
      host: '127.0.0.1:8200',
    });
    return { status: answer!.status, headers: answer!.headers, text: decodeUtf8(answer!.body) };
  };
  const asked = async (method: string, path: string, body: JsonObject) =>
    parse(encodeUtf8((await call(method, path, body)).text)) as JsonObject;
  const token = async (): Promise<string> => {
    const { nonce = '', otp } = await asked('PUT', ATTEMPT, {});
    await asked('PUT', UPDATE, { key: keys[0]!, nonce });
    const { encoded_token: encoded } = await asked('PUT', UPDATE, { key: keys[1]!, nonce });
    const pad = encodeUtf8(otp as string);
    return decodeUtf8(decodeBase64Raw(encoded as string).map((byte, i) => byte ^ pad[i]!));
  };
  return { node, keys, call, asked, token, recovered: () => recovered };
}

test('in recovery mode nothing is there but tokens and storage', async () => {
  const { call } = await recovering();
  for (const path of ['sys/seal-status', 'sys/health', 'sys/unseal', 'secret/a', 'sys/generate-root/attempt']) {
    expect(await call('GET', path)).toMatchObject({ status: 404, text: '404 page not found\n' });
  }
  expect((await call('GET', 'sys/raw/core/seal-config')).status).toBe(403);
  expect((await call('GET', 'sys/mounts?help=1')).status).toBe(503);
  expect((await call('LIST', 'sys/raw')).headers).toContainEqual(['Location', '/v1/sys/raw/']);
});

test('shares give one token, and the token what lies in storage', async () => {
  const { call, token, recovered } = await recovering();
  const made = await token();
  expect(made).toMatch(/^hvr\.[0-9A-Za-z]{24}$/);
  expect(recovered()).toBe(1);
  expect((await call('LIST', 'sys/raw/', undefined, made)).text).toContain('"keys":["core/","logical/","sys/"]');
  expect((await call('GET', 'sys/raw/core/seal-config', undefined, made)).text).toContain('shamir');
  const write = (value: string, type?: string) =>
    call('PUT', 'sys/raw/a', { value, ...(type === undefined ? {} : { compression_type: type }) }, made);
  expect((await write('one')).text).toContain('cannot figure out compression type because entry does not exist');
  expect(await write('one', 'gzip')).toMatchObject({ status: 200, text: 'null\n' });
  expect(await write('two')).toMatchObject({ status: 200, text: 'null\n' });
  expect((await call('GET', 'sys/raw/a', undefined, made)).text).toContain('"value":"two"');
  expect((await call('GET', 'sys/raw/a', undefined, `${made}x`)).status).toBe(403);
  expect((await call('PUT', ATTEMPT, {})).text).toContain('when already unsealed');
});

test('shares that do not fit open nothing, and the attempt goes on', async () => {
  const { call, asked, keys, node, token, recovered } = await recovering();
  const { nonce = '' } = await asked('PUT', ATTEMPT, {});
  await asked('PUT', UPDATE, { key: keys[0]!, nonce });
  expect(await call('PUT', UPDATE, { key: '00'.repeat(33), nonce })).toMatchObject({ status: 400 });
  expect(await asked('GET', ATTEMPT, {})).toMatchObject({ started: true, progress: 0 });
  expect([node.barrier.sealed, recovered()]).toEqual([true, 0]);
  await call('DELETE', ATTEMPT);
  expect(await token()).toMatch(/^hvr\./);
});

/** Recovery mode, ours and the real server's side by side: what is there, what is refused, and that storage is mended. */
import { expect, test } from 'vitest';
import { type Asked, type BesideServer, raftServer, same, until } from './beside.ts';

const WAIT = 180_000;

const secret = Buffer.alloc(32, '1').toString('base64');

const steps: readonly (readonly [string, string, unknown?])[] = [
  ['GET', 'sys/raw/core/mounts'],
  ['LIST', 'sys/raw/'],
  ['LIST', 'sys/raw/sys/policy'],
  ['SCAN', 'sys/raw/sys/policy/'],
  ['GET', 'sys/raw/nothing'],
  ['PUT', 'sys/raw/test/a', { value: 'x' }],
  ['GET', 'sys/raw/test/a'],
  ['PUT', 'sys/raw/test/b', { value: 'eA==', encoding: 'base64' }],
  ['GET', 'sys/raw/test/b'],
  ['PUT', 'sys/raw/test/c', { value: 'x', compression_type: 'gzip' }],
  ['GET', 'sys/raw/test/c'],
  ['PUT', 'sys/raw/test/d', {}],
  ['PUT', 'sys/raw/test/e', { value: 'x', encoding: 'nothing known' }],
  ['DELETE', 'sys/raw/test/a'],
  ['GET', 'sys/raw/test/a'],
  ['GET', 'sys/raw/core/keyring'],
  ['PUT', 'sys/raw/core/keyring', { value: 'x' }],
  ['GET', 'sys/raw/core/seal-config'],
  ['HELP', 'sys/raw/core'],
  ['GET', 'sys/health'],
  ['GET', 'sys/seal-status'],
  ['GET', 'sys/leader'],
  ['GET', 'sys/init'],
  ['PUT', 'sys/unseal', {}],
  ['GET', 'sys/mounts'],
  ['GET', 'sys/generate-root/attempt'],
  ['GET', 'kv/a'],
  ['GET', '/'],
  ['GET', '/ui/'],
];

/** Ids and keys are nobody's but the server's. */
const shape = (text: string): string =>
  text
    .replaceAll(/"(nonce|otp|encoded_token|encoded_root_token|request_id)":"[^"]+"/g, '"$1":"…"')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'ID');

test.each([
  ['shares', ''],
  ['a static seal', `seal "static" {\n  current_key_id = "k1"\n  current_key = "${secret}"\n}`],
])(
  'recovery mode with %s',
  async (_, seal) => {
    const seen = await same(async (server) => {
      const rows: unknown[] = [];
      const row = async (method: string, path: string, asked: Asked = {}): Promise<string> => {
        const { status, text, headers } = await server.call(method, path, asked);
        // What the mount table holds is compared elsewhere.
        const held = path === 'sys/raw/core/mounts' && status === 200 ? 'a table' : shape(text);
        rows.push([method, path, status, held, headers['cache-control'], headers['content-type']]);
        return text;
      };
      await server.configure(raftServer(`raw_storage_endpoint = true\n${seal}`));
      await server.start();
      const key = await initialised(server, seal !== '');
      await server.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      await server.call('PUT', 'kv/a', { body: { a: 1 } });
      await server.end();

      server.mark();
      await server.start(['-recovery']);
      const { root } = server;
      const attempt = 'sys/generate-recovery-token/attempt';
      const update = 'sys/generate-recovery-token/update';
      for (const token of [root, '']) for (const [m, p, body] of steps) await row(m, p, { token, body });
      for (const [m, p, body] of [
        ['GET', attempt],
        ['DELETE', attempt],
        ['POST', update, {}],
        ['PUT', attempt, { otp: 'abc' }],
        ['PUT', attempt, {}],
        ['PUT', attempt, {}],
        ['DELETE', attempt],
        ['GET', attempt],
      ] as const) {
        await row(m, p, { token: '', body });
      }
      const begun = JSON.parse(await row('PUT', attempt, { token: '', body: {} })) as { nonce: string; otp: string };
      for (const given of [{ nonce: 'another', key }, { nonce: begun.nonce, key: 'no key' }, { nonce: begun.nonce }]) {
        await row('PUT', update, { token: '', body: given });
      }
      const made = await row('PUT', update, { token: '', body: { nonce: begun.nonce, key } });
      const { encoded_token: encoded } = JSON.parse(made) as { encoded_token: string };
      const bytes = Buffer.from(encoded, 'base64').map((byte, index) => byte ^ begun.otp.charCodeAt(index));
      const token = bytes.toString();
      rows.push([token.slice(0, 4), token.length]);
      for (const [m, p, body] of steps) await row(m, p, { token, body });
      await row('GET', 'sys/raw/core/mounts', { token: root });
      await row('PUT', attempt, { token: '', body: {} });
      await server.end();
      rows.push(server.exitCode);

      server.mark();
      await server.start();
      if (seal === '') await server.unseal();
      await until(async () => (await server.ask('GET', 'sys/health', { token: '' }))[0] === 200);
      await row('GET', 'sys/raw/test/b', { token: root });
      await row('GET', 'sys/raw/test/a', { token: root });
      rows.push((await server.ask('GET', 'kv/a', { token: root }))[0]);
      return rows;
    });
    expect(seen.at(-1)).toBe(200);
  },
  WAIT,
);

/** A share, of the recovery key where the seal opens itself. */
async function initialised(server: BesideServer, auto: boolean): Promise<string> {
  if (!auto) {
    await server.initialise();
    return server.keys[0]!;
  }
  const body = { recovery_shares: 1, recovery_threshold: 1 };
  const [, text] = await server.ask('PUT', 'sys/init', { body, token: '' });
  const made = JSON.parse(text) as { root_token: string; recovery_keys_base64: string[] };
  server.root = made.root_token;
  await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
  return made.recovery_keys_base64[0]!;
}

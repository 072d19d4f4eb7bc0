import { afterEach, expect, test } from 'vitest';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { hostLog } from './log.ts';
import { startServer, type RunningServer } from './server.ts';

let server: RunningServer | undefined;
afterEach(async () => server?.stop());

async function start(): Promise<string> {
  const text = 'storage "inmem" {}\nlistener "tcp" {\n  address = "127.0.0.1:0"\n  tls_disable = true\n}\n';
  server = await startServer({
    configuration: parseConfiguration(text, 'test').configuration,
    log: hostLog({ level: 'error', format: 'standard', print: () => undefined, now: Date.now }),
    failed: (error) => {
      throw error;
    },
    dev: { rootToken: 'root', kvVersion: 0 },
  });
  return `http://${server.listeners[0]!.address}/v1/`;
}

const headers = { 'X-Vault-Token': 'root' };

const listen = (address: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(address, { headers }, resolve).on('error', reject);
  });

test.each([
  ['log_level=info', /^\S+ \[INFO\] {2}core: successful mount: namespace="" path=k\/ type=kv version=""\n$/],
  ['log_format=json', /^\{"@level":"info","@message":"successful mount","@module":"core",.*"path":"k\/".*\}\n$/],
])('sys/monitor?%s gives the log as it is written, below the level of the server’s own', async (query, line) => {
  const address = await start();
  const stream = await listen(`${address}sys/monitor?${query}`);
  expect(stream.headers['content-type']).toBeUndefined();
  const first = new Promise<string>((resolve) => {
    stream.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  await fetch(`${address}sys/mounts/k`, { method: 'POST', headers, body: '{"type":"kv"}' });
  expect(await first).toMatch(line);
  stream.destroy();
});

test('a level or a form that there is none of is refused', async () => {
  const address = await start();
  for (const [query, text] of [
    ['log_level=loud', 'unknown log level'],
    ['log_format=xml', 'unknown log format'],
  ]) {
    const response = await fetch(`${address}sys/monitor?${query}`, { headers });
    expect([response.status, await response.json()]).toEqual([400, { errors: [text] }]);
  }
});

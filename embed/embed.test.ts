import { setupServer } from 'msw/node';
import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { mockBao } from './msw.ts';
import { startServer } from './index.ts';
import { baoTest } from './vitest.ts';

describe('startServer', () => {
  test('answers over HTTP on a free port, unsealed, with a root token and KV version 2', async () => {
    await using bao = await startServer();
    const health = await fetch(`${bao.address}/v1/sys/health`);
    expect(health.status).toBe(200);
    const headers = { 'X-Vault-Token': bao.token };
    const put = await fetch(`${bao.address}/v1/secret/data/a`, { method: 'PUT', headers, body: '{"data":{"x":1}}' });
    expect(put.status).toBe(200);
    expect((await bao.request('GET', 'secret/data/a')).body).toMatchObject({ data: { data: { x: 1 } } });
  });

  test('servers know nothing of each other', async () => {
    await using one = await startServer();
    await using other = await startServer();
    await one.request('PUT', 'secret/data/a', { data: {} });
    expect((await other.request('GET', 'secret/data/a')).status).toBe(404);
    expect(one.address).not.toBe(other.address);
  });

  test('takes the root token, the version of KV and a log', async () => {
    const lines: string[] = [];
    await using bao = await startServer({ token: 'mine', kv: 1, log: { line: (line) => lines.push(line) } });
    expect((await bao.request('PUT', 'secret/a', { x: 1 })).status).toBe(204);
    expect((await bao.request('GET', 'secret/a', undefined, { token: 'root' })).status).toBe(403);
    expect(lines.some((line) => line.startsWith('[INFO]'))).toBe(true);
  });

  test('can be sealed and unsealed with its share', async () => {
    await using bao = await startServer();
    expect((await bao.request('PUT', 'sys/seal')).status).toBe(204);
    expect((await bao.request('GET', 'sys/mounts')).status).toBe(503);
    expect((await bao.request('PUT', 'sys/unseal', { key: bao.unsealKey })).body).toMatchObject({ sealed: false });
  });

  test('a port in use is the system’s error', async () => {
    await using bao = await startServer();
    await expect(startServer({ port: Number(new URL(bao.address).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('what still waits for its time in a server that has stopped does not hold up the process', async () => {
    const script = `
      const { startServer } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)});
      const bao = await startServer();
      await bao.request('PUT', 'sys/mounts/pki', { type: 'pki' });
      await bao.request('PUT', 'pki/root/generate/internal', { common_name: 'root', key_type: 'ec' });
      const { status } = await bao.request('PUT', 'pki/tidy', { tidy_cert_store: true, pause_duration: '1h' });
      await bao.stop();
      console.log(status);`;
    const words = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 50_000 });
    expect(stdout).toBe('202\n');
  });

  test('a hundred tests can each have a server of their own', async () => {
    for (let count = 0; count < 100; count += 1) {
      const bao = await startServer();
      expect((await bao.request('LIST', 'secret/metadata')).status).toBe(404);
      await bao.stop();
      await bao.stop();
    }
  });
});

describe('mockBao', () => {
  test('fetch and node:http reach it at an address that nobody listens on', async () => {
    await using bao = await mockBao({ address: 'http://bao.test' });
    const worker = setupServer(...bao.handlers);
    worker.listen({ onUnhandledFrame: 'error' });
    try {
      await bao.request('PUT', 'secret/data/a', { data: { x: 1 } });
      const headers = { 'X-Vault-Token': bao.token };
      const fetched = await fetch('http://bao.test/v1/secret/data/a', { headers });
      expect(await fetched.json()).toMatchObject({ data: { data: { x: 1 } } });
      const listed = await fetch('http://bao.test/v1/secret/metadata?list=true', { headers });
      expect(await listed.json()).toMatchObject({ data: { keys: ['a'] } });
      const gone = await fetch('http://bao.test/v1/secret/data/a', { method: 'DELETE', headers });
      expect(gone.status).toBe(204);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const sent = http.request('http://bao.test/v1/secret/metadata?list=true', { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject);
        sent.end();
      });
      expect(status).toBe(200);
    } finally {
      worker.close();
    }
  });
});

describe('the fixture for vitest', () => {
  const address = new Set<string>();
  const own = baoTest({ token: 'fixture' });
  own('gives a server', async ({ bao }) => {
    address.add(bao.address);
    expect((await bao.request('GET', 'auth/token/lookup-self')).status).toBe(200);
    expect(bao.token).toBe('fixture');
  });
  own('and another to the next test', ({ bao }) => expect(address.has(bao.address)).toBe(false));
});

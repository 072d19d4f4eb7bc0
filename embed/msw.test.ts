import axios from 'axios';
import { setupServer } from 'msw/node';
import type { HttpHandler } from 'msw';
import http from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer } from './index.ts';
import { type BaoRecording, mockBao, recordBao, replayBao } from './msw.ts';

const ADDRESS = 'http://bao.test:8200';
const headers = { 'X-Vault-Token': 'root' };

let worker: ReturnType<typeof setupServer> | undefined;
function listen(handlers: readonly HttpHandler[], onUnhandledFrame: 'error' | 'bypass' = 'error'): void {
  worker = setupServer(...handlers);
  worker.listen({ onUnhandledFrame });
}
const close = (): void => {
  worker?.close();
  worker = undefined;
};
afterEach(close);

function listByHttp(): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = http.request(`${ADDRESS}/v1/secret/metadata`, { method: 'LIST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('LIST and SCAN, which msw does not know', () => {
  const keys = { data: { keys: ['a', 'dir/'] } };

  test('reach the core by fetch, by a Request, by node:http and by axios', async () => {
    await using bao = await mockBao({ address: ADDRESS });
    listen(bao.handlers);
    await bao.request('PUT', 'secret/data/a', { data: {} });
    await bao.request('PUT', 'secret/data/dir/b', { data: {} });
    const url = `${ADDRESS}/v1/secret/metadata`;
    expect(await (await fetch(url, { method: 'LIST', headers })).json()).toMatchObject(keys);
    expect(await (await fetch(new Request(url, { method: 'LIST', headers }))).json()).toMatchObject(keys);
    expect((await axios<unknown>({ url, method: 'LIST', headers })).data).toMatchObject(keys);
    expect(JSON.parse(await listByHttp())).toMatchObject(keys);
    const scanned = await fetch(`${url}?recursive=yes`, { method: 'SCAN', headers });
    expect(await scanned.json()).toMatchObject({ data: { keys: ['a', 'dir/b'] } });
  });

  test('go elsewhere as they are', async () => {
    await using bao = await mockBao({ address: ADDRESS });
    await using other = await startServer();
    await bao.request('PUT', 'secret/data/a', { data: {} });
    const answer = await fetch(`${other.address}/v1/secret/metadata`, { method: 'LIST', headers });
    expect(answer.status).toBe(404);
    expect(bao.address).toBe(ADDRESS);
  });

  test('nothing of it is left when the server has stopped', async () => {
    const before = [globalThis.fetch, http.request];
    const bao = await mockBao({ address: ADDRESS });
    expect(globalThis.fetch).not.toBe(before[0]);
    await bao.stop();
    expect([globalThis.fetch, http.request]).toEqual(before);
  });
});

describe('a recording', () => {
  async function recorded(): Promise<BaoRecording> {
    await using server = await startServer();
    using bao = recordBao({ server: server.address, address: ADDRESS });
    listen(bao.handlers, 'bypass');
    const ask = (method: string, path: string, body?: unknown) =>
      fetch(`${ADDRESS}/v1/${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    await ask('GET', 'secret/data/a');
    await ask('PUT', 'secret/data/a', { data: { x: 1 }, options: { cas: 0 } });
    await ask('GET', 'secret/data/a');
    await ask('LIST', 'secret/metadata');
    await ask('DELETE', 'secret/data/a');
    const recording = await bao.recording();
    close();
    // As it comes out of a file.
    return JSON.parse(JSON.stringify(recording)) as BaoRecording;
  }

  test('gives equal requests their answers in order, and the last one again', async () => {
    const recording = await recorded();
    expect(recording.version).toBe('2.7.2');
    using bao = replayBao(recording, { address: ADDRESS });
    listen(bao.handlers);
    const read = async () => (await fetch(`${ADDRESS}/v1/secret/data/a`, { headers })).status;
    expect([await read(), await read(), await read()]).toEqual([404, 200, 200]);
    const body = '{"options":{"cas":0},"data":{"x":1}}';
    const put = await fetch(`${ADDRESS}/v1/secret/data/a`, { method: 'PUT', headers, body });
    expect(await put.json()).toMatchObject({ data: { version: 1 } });
    const listed = await fetch(`${ADDRESS}/v1/secret/metadata`, { method: 'LIST', headers });
    expect(await listed.json()).toMatchObject({ data: { keys: ['a'] } });
    expect((await fetch(`${ADDRESS}/v1/secret/data/a`, { method: 'DELETE', headers })).status).toBe(204);
    expect(bao.unknown).toEqual([]);
  });

  test('says what it has no answer to: another path, token or body', async () => {
    using bao = replayBao(await recorded(), { address: ADDRESS });
    listen(bao.handlers);
    const other = await fetch(`${ADDRESS}/v1/secret/data/b`, { headers });
    expect(other.status).toBe(400);
    expect(await other.json()).toEqual({ errors: ['the recording has no answer to GET /v1/secret/data/b'] });
    await fetch(`${ADDRESS}/v1/secret/data/a`, { headers: { 'X-Vault-Token': 'other' } });
    await fetch(`${ADDRESS}/v1/secret/data/a`, { method: 'PUT', headers, body: '{"data":{"x":2}}' });
    expect(bao.unknown).toEqual(['GET /v1/secret/data/b', 'GET /v1/secret/data/a', 'PUT /v1/secret/data/a']);
  });
});

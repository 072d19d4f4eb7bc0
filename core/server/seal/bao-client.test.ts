import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { fakeRuntime } from '../../framework/testing.ts';
import { BaoClient } from './bao-client.ts';

const server = { address: 'https://a:8200', token: 't', namespace: '', tls: undefined };

function answering(status: number, text: string): BaoClient {
  const request = () => Promise.resolve({ status, headers: new Map(), body: encodeUtf8(text) });
  return new BaoClient({ ...fakeRuntime(), web: { request } }, server);
}

test('what is not there is nothing to a reader, and a refusal to a writer', async () => {
  const client = answering(404, '{"errors":[]}');
  expect(await client.read('transit/keys/a')).toEqual({});
  await expect(client.write('transit/keys/a', {})).rejects.toThrow('Code: 404');
});

test('other refusals are told to both', async () => {
  const client = answering(403, '{"errors":["permission denied"]}');
  await expect(client.read('a')).rejects.toThrow('permission denied');
  await expect(client.write('a', {})).rejects.toThrow('permission denied');
});

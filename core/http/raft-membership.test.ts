import { expect, test } from 'vitest';
import { print } from '../codec/json.ts';
import { ask, fakeNode } from './api.fixture.ts';

const cert = { leader_client_cert: 'x' };
const key = { leader_client_key: 'y' };
const pem = '-----BEGIN CERTIFICATE-----';
const HALF = '400 {"errors":["invalid certificate parameters"]}';

test.each([
  [{}, '200 {"joined":true}'],
  [cert, HALF],
  [key, HALF],
  [{ ...cert, ...key }, '400 {"errors":["tls: failed to find any PEM data in certificate input"]}'],
  [{ leader_client_cert: pem, ...key }, '200 {"joined":true}'],
])('a node that is to join with %j is answered %s', async (body, answer) => {
  const node = fakeNode({ joinRaft: () => Promise.resolve(true) });
  expect(await ask(node, 'PUT /v1/sys/storage/raft/join', { body: print(body) })).toBe(answer);
});

import { expect, test } from 'vitest';
import { coded } from '../fault.ts';
import { ask, fakeNode, sealStatus } from './api.fixture.ts';

test('shares are hexadecimal or base64', async () => {
  const shares: Uint8Array[] = [];
  const node = fakeNode({
    state: { sealed: true },
    unseal: (share) => {
      shares.push(share);
      return Promise.resolve();
    },
  });
  const hex = 'ab'.repeat(33);
  expect(await ask(node, 'PUT /v1/sys/unseal', { body: `{"key":"${hex}"}` })).toBe(
    '200 {"type":"shamir","initialized":true,"sealed":true,"t":1,"n":1,"progress":0,"nonce":"","recovery_seal":false,"version":"2.7.2","commit_date":"2026-10-26T20:32:27Z","migration":false,"storage_type":"inmem"}',
  );
  await ask(node, 'PUT /v1/sys/unseal', { body: `{"KEY":"${Buffer.from(hex, 'hex').toString('base64')}"}` });
  expect(shares.map((share) => Buffer.from(share).toString('hex'))).toEqual([hex, hex]);
});

test.each([
  ['{}', "'key' must be specified in request body as JSON, or 'reset' set to true"],
  ['{"key":"zz"}', "'key' must be a valid hex or base64 string"],
  ['{"key":"00"}', "'key' must be a valid hex or base64 string"],
  ['{"reset":true}', 'vault is unsealed'],
  [
    '{"key":1}',
    'failed to decode JSON input: json: cannot unmarshal number into Go struct field UnsealRequest.key of type string',
  ],
  ['[1]', 'failed to decode JSON input: json: cannot unmarshal array into Go value of type http.UnsealRequest'],
])('%s is refused', async (body, message) => {
  expect(await ask(fakeNode(), 'PUT /v1/sys/unseal', { body })).toBe(`400 ${JSON.stringify({ errors: [message] })}`);
});

test('init takes integers and answers with keys in both spellings', async () => {
  const node = fakeNode({
    initialise: () => Promise.resolve({ shares: [Uint8Array.of(1, 255)], rootToken: 's.x' }),
  });
  expect(await ask(node, 'PUT /v1/sys/init', { body: '{"secret_shares":1.5}' })).toBe(
    '400 {"errors":["failed to decode JSON input: json: cannot unmarshal number 1.5 into Go struct field InitRequest.secret_shares of type int"]}',
  );
  expect(await ask(node, 'PUT /v1/sys/init', { body: '{"secret_shares":1,"secret_threshold":1}' })).toBe(
    '200 {"keys":["01ff"],"keys_base64":["Af8="],"root_token":"s.x"}',
  );
  expect(await ask(node, 'GET /v1/sys/init')).toBe('200 {"initialized":true}');
});

test('the root endpoints are sealed with everything else', async () => {
  const sealed = fakeNode({
    state: { sealed: true },
    handle: () => Promise.reject(coded(503, 'Vault is sealed')),
  });
  expect(await ask(sealed, 'GET /v1/sys/generate-root/attempt')).toBe('503 {"errors":["Vault is sealed"]}');
  expect(sealStatus.sealed).toBe(false);
});

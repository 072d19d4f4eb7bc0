import { expect, test } from 'vitest';
import { encodeBase64RawUrl } from '../codec/base64.ts';
import type { JsonValue } from '../codec/json.ts';
import { print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Client } from './node.fixture.ts';
import { devNode } from './node.fixture.ts';

const parameter = (key: string, value: JsonValue): string => encodeBase64RawUrl(encodeUtf8(print({ key, value })));

const raw = (text: string): string => encodeBase64RawUrl(encodeUtf8(text));

const login = (password: string): Record<string, string> => ({
  'x-vault-inline-auth-path': 'auth/userpass/login/u',
  'x-vault-inline-auth-parameter-any': parameter('password', password),
});

async function prepared(): Promise<Client> {
  const client = await devNode();
  const policy = 'path "secret/*" { capabilities = ["read", "create"] }';
  await client.call('POST', 'sys/policies/acl/pol', { policy });
  await client.call('POST', 'sys/auth/userpass', { type: 'userpass' });
  await client.call('POST', 'auth/userpass/users/u', { password: 'p', token_policies: 'pol' });
  await client.call('POST', 'secret/data/x', { data: { a: 1 } });
  client.token = '';
  return client;
}

test('a request may bring its login along, and no token is left behind', async () => {
  const client = await prepared();
  const before = await client.storage.list('sys/token/id/');
  expect((await client.call('GET', 'secret/data/x', undefined, login('p'))).status).toBe(200);
  expect((await client.call('GET', 'sys/mounts', undefined, login('p'))).status).toBe(403);
  expect((await client.call('GET', 'auth/token/lookup-self', undefined, login('p'))).body['errors']).toEqual([
    'bad token',
  ]);
  expect(await client.storage.list('sys/token/id/')).toEqual(before);
  expect(await client.storage.list('sys/expire/id/auth/userpass/login/')).toEqual([]);
});

test('a login that is refused is the answer, marked as such', async () => {
  const client = await prepared();
  const refused = await client.node.http({
    method: 'GET',
    url: '/v1/secret/data/x',
    headers: new Map(Object.entries(login('wrong')).map(([name, value]) => [name, [value]])),
    body: new Uint8Array(0),
    remote: { address: '127.0.0.1', port: 1 },
    host: '',
  });
  expect(refused?.status).toBe(400);
  expect(refused?.headers).toContainEqual(['X-Vault-Inline-Auth-Failed', 'true']);
});

test('headers that cannot be used are errors of the server, as upstream has them', async () => {
  const client = await prepared();
  const refusals: [Record<string, string>, string][] = [
    [{ 'x-vault-token': 'root' }, 'cannot layer inline authentication with token authentication'],
    [
      { 'x-vault-inline-auth-operation': 'delete' },
      'expected a valid login operation in X-Vault-Inline-Auth-Operation',
    ],
    [{ 'x-vault-inline-auth-namespace': 'nope' }, 'inline auth namespace was not found'],
    [{ 'x-vault-inline-auth-parameter-b': '!!!' }, 'failed raw url-safe base64 decoding header value'],
    [{ 'x-vault-inline-auth-parameter-b': raw('no') }, 'failed json decoding header value'],
    [{ 'x-vault-inline-auth-parameter-b': raw('{"key":"a"}') }, 'decoded header lacked `value` field'],
    [{ 'x-vault-inline-auth-parameter-b': raw('{"value":"a"}') }, 'decoded header lacked `key` field'],
    [
      { 'x-vault-inline-auth-parameter-b': raw('{"key":1,"value":2}') },
      'decoded header had incorrect type for `key` field',
    ],
    [
      { 'x-vault-inline-auth-parameter-b': raw('{"key":"a","value":2,"x":3}') },
      'unexpected field in decoded request parameter',
    ],
  ];
  for (const [headers, text] of refusals) {
    const answer = await client.call('GET', 'secret/data/x', undefined, { ...login('p'), ...headers });
    expect([answer.status, answer.body['errors']]).toEqual([500, [`failed to perform inline authentication: ${text}`]]);
  }
});

import { expect, test } from 'vitest';
import { decodeBase64RawUrl } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { parseObject } from '../../codec/json.ts';
import { HOUR, MINUTE } from '../../runtime.ts';
import { devNode } from '../node.fixture.ts';
import type { Client } from '../node.fixture.ts';

const data = (body: JsonObject): JsonObject => body['data'] as JsonObject;

async function bob(client: Client): Promise<string> {
  await client.call('POST', 'sys/auth/userpass', { type: 'userpass' });
  await client.call('POST', 'sys/policies/acl/all', { policy: 'path "*" { capabilities = ["read", "update"] }' });
  await client.call('POST', 'auth/userpass/users/bob', { password: 'x', token_policies: 'all', token_ttl: '700h' });
  const { body } = await client.call('POST', 'auth/userpass/login/bob', { password: 'x' });
  return (body['auth'] as JsonObject)['client_token'] as string;
}

const as = async (client: Client, token: string, path: string): Promise<JsonObject> => {
  client.token = token;
  const { body } = await client.call('GET', path);
  client.token = 'root';
  return body;
};

const kidOf = (token: string): unknown => parseObject(decodeBase64RawUrl(token.split('.')[0]!))['kid'];

const kids = async (client: Client): Promise<unknown[]> =>
  ((await as(client, '', 'identity/oidc/.well-known/keys'))['keys'] as JsonObject[]).map((key) => key['kid']);

for (const algorithm of ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
  test(`a token signed with ${algorithm} says who asked, and introspection believes it`, async () => {
    const client = await devNode({ apiAddr: 'http://127.0.0.1:8200' });
    const token = await bob(client);
    await client.call('POST', 'identity/oidc/key/k', { algorithm, allowed_client_ids: ['*'] });
    const template = '{"name": {{identity.entity.name}}, "groups": {{identity.entity.groups.names}}}';
    await client.call('POST', 'identity/oidc/role/r', { key: 'k', client_id: 'us', template });
    const jwt = data(await as(client, token, 'identity/oidc/token/r'))['token'] as string;
    const claims = parseObject(decodeBase64RawUrl(jwt.split('.')[1]!));
    expect(claims).toMatchObject({ aud: 'us', iss: 'http://127.0.0.1:8200/v1/identity/oidc', groups: [] });
    expect(await kids(client)).toContain(kidOf(jwt));
    expect((await client.call('POST', 'identity/oidc/introspect', { token: jwt })).body).toEqual({ active: true });
    const bent = `${jwt.slice(0, -8)}AAAAAAAA`;
    expect((await client.call('POST', 'identity/oidc/introspect', { token: bent })).body['active']).toBe(false);
    await client.clock.advance(24 * HOUR + 2 * MINUTE);
    expect((await client.call('POST', 'identity/oidc/introspect', { token: jwt })).text).toContain('expired (exp)');
  });
}

test('keys rotate by themselves, and the old one verifies for as long as it was promised', async () => {
  const client = await devNode();
  const token = await bob(client);
  const times = { rotation_period: '2h', verification_ttl: '1h' };
  await client.call('POST', 'identity/oidc/key/k', { algorithm: 'ES256', allowed_client_ids: ['*'], ...times });
  await client.call('POST', 'identity/oidc/role/r', { key: 'k', ttl: '1h' });
  const signing = async () => kidOf(data(await as(client, token, 'identity/oidc/token/r'))['token'] as string);
  const [first, second] = await kids(client);
  expect(await signing()).toBe(first);
  await client.clock.advance(2 * HOUR + 2 * MINUTE);
  expect(await signing()).toBe(second);
  const during = await kids(client);
  expect(during).toHaveLength(3);
  expect(during.slice(0, 2)).toEqual([first, second]);
  await client.clock.advance(1 * HOUR + 1 * MINUTE);
  expect(await kids(client)).toEqual(during.slice(1));
});

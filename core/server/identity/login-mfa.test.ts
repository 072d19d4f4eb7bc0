import { expect, test } from 'vitest';
import type { JsonObject } from '../../codec/json.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { decodeBase32 } from '../../codec/base32.ts';
import { passcode } from '../../crypto/otp.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import { devNode } from '../node.fixture.ts';
import type { Client } from '../node.fixture.ts';

interface Setup {
  readonly client: Client;
  readonly method: string;
  readonly code: () => string;
  readonly login: (headers?: Record<string, string>) => ReturnType<Client['call']>;
  readonly validate: (id: string, given: string) => ReturnType<Client['call']>;
}

const data = (body: JsonObject): JsonObject => body['data'] as JsonObject;
const auth = (body: JsonObject): JsonObject => body['auth'] as JsonObject;
const requestId = (body: JsonObject): string =>
  (auth(body)['mfa_requirement'] as JsonObject)['mfa_request_id'] as string;

async function confirmed(): Promise<Setup> {
  const client = await devNode();
  await client.call('POST', 'sys/auth/userpass', { type: 'userpass' });
  await client.call('POST', 'auth/userpass/users/bob', { password: 'x' });
  const bare = (headers = {}) => client.call('POST', 'auth/userpass/login/bob', { password: 'x' }, headers);
  const entity = auth((await bare()).body)['entity_id'] as string;
  const made = await client.call('POST', 'identity/mfa/method/totp', { issuer: 'us', method_name: 'phone' });
  const method = data(made.body)['method_id'] as string;
  const key = await client.call('POST', 'identity/mfa/method/totp/admin-generate', {
    method_id: method,
    entity_id: entity,
  });
  const secret = decodeBase32(/secret=(\w+)/.exec(data(key.body)['url'] as string)![1]!);
  await client.call('POST', 'identity/mfa/login-enforcement/all', {
    mfa_method_ids: [method],
    auth_method_types: ['userpass'],
  });
  const rule = { algorithm: 'SHA1', digits: 6, period: 30, skew: 1 } as const;
  return {
    client,
    method,
    code: () => passcode(secret, Math.floor(client.clock.now / (30 * SECOND)), rule, portableCrypto()),
    login: bare,
    validate: (id, given) =>
      client.call('POST', 'sys/mfa/validate', { mfa_request_id: id, mfa_payload: { [method]: [given] } }),
  };
}

test('a login waits for its passcode, and a passcode is good once', async () => {
  const { login, validate, code, client } = await confirmed();
  const first = requestId((await login()).body);
  const given = code();
  const answer = await validate(first, given);
  expect(answer.status).toBe(200);
  expect(auth(answer.body)).toMatchObject({ policies: ['default'], mfa_requirement: null, token_type: 'service' });
  client.token = auth(answer.body)['client_token'] as string;
  expect((await client.call('GET', 'auth/token/lookup-self')).status).toBe(200);
  expect((await validate(first, given)).body).toEqual({ errors: ['invalid request ID'] });
  expect((await validate(requestId((await login()).body), given)).status).toBe(403);
  await client.clock.advance(30 * SECOND);
  expect((await validate(requestId((await login()).body), code())).status).toBe(200);
});

test('a request to confirm is forgotten after five minutes', async () => {
  const { login, validate, code, client } = await confirmed();
  const id = requestId((await login()).body);
  await client.clock.advance(5 * MINUTE);
  expect((await validate(id, code())).body).toEqual({ errors: ['invalid request ID'] });
});

test('more wrong passcodes than allowed lock the right one out, until the period is over', async () => {
  const { login, validate, code, client, method } = await confirmed();
  const id = requestId((await login()).body);
  const wrong = code() === '000000' ? '000001' : '000000';
  for (let i = 0; i < 5; i++) expect((await validate(id, wrong)).text).toContain('not supplied or incorrect');
  expect((await validate(id, code())).body).toEqual({
    errors: [
      `failed to satisfy enforcement all. error: 2 errors occurred:\n\t* maximum TOTP validation attempts 6 exceeded the allowed attempts 5. Please try again in 30.000000002s seconds\n\t* login MFA validation failed for methodID: [${method}]\n\n`,
    ],
  });
  await client.clock.advance(31 * SECOND);
  expect((await validate(id, code())).status).toBe(200);
});

test('passcodes may come along with the login, by id or name of the method', async () => {
  const { login, code, client, method } = await confirmed();
  expect((await login({ 'x-vault-mfa': `${method}:000000` })).body).toEqual({ errors: ['permission denied'] });
  expect((await login({ 'x-vault-mfa': `${method}:${code()}` })).status).toBe(200);
  await client.clock.advance(30 * SECOND);
  const named = await login({ 'x-vault-mfa': `phone:passcode=${code()}` });
  expect(auth(named.body)['client_token']).toMatch(/^s\./);
});

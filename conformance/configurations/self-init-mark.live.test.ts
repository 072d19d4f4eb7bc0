/** What a server that initialises itself keeps in storage meanwhile, as its own requests read it. */
import { expect, test } from 'vitest';
import { plainServer, same, until } from './beside.ts';
import { at, objectOf } from './token-player.ts';
import { asString } from '../../core/codec/json-fields.ts';

const request = (name: string, path: string, data: string, operation = 'update'): string =>
  `request "${name}" {\n operation = "${operation}"\n path = "${path}"\n ${data === '' ? '' : `data = {\n${data}\n}`}\n}\n`;

const source = `value = {
 eval_type = "string"
 eval_source = "response"
 initialize_name = "all"
 response_name = "mark"
 field_selector = ["data", "value"]
}`;

const top = `raw_storage_endpoint = true
seal "static" {
  current_key_id = "k1"
  current_key = "${'6d'.repeat(32)}"
}
initialize "all" {
${request('mark', 'sys/raw/core/status/self-init', '', 'read')}
${request('mount', 'sys/mounts/kv', 'type = "kv"')}
${request('save', 'kv/mark', source)}
${request('policy', 'sys/policies/acl/all', String.raw`policy = "path \"*\" { capabilities = [\"read\", \"sudo\"] }"`)}
${request('auth', 'sys/auth/userpass', 'type = "userpass"')}
${request('user', 'auth/userpass/users/u', 'password = "p"\n token_policies = ["all"]')}
}`;

test('the mark of what has only begun says what it would be, and is gone when all is done', async () => {
  const seen = await same(async (server) => {
    await server.configure(plainServer('', top));
    await server.start();
    let token = '';
    await until(async () => {
      const { text } = await server.call('POST', 'auth/userpass/login/u', { body: { password: 'p' }, token: '' });
      token = asString(at(text === '' ? {} : objectOf(text), 'auth', 'client_token')) ?? '';
      return token !== '';
    });
    const { text } = await server.call('GET', 'kv/mark', { token });
    return [at(objectOf(text), 'data', 'value'), await server.ask('GET', 'sys/raw/core/status/self-init', { token })];
  });
  expect(seen[0]).toBe('failed');
}, 60_000);

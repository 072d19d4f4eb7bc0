import { expect, test } from 'vitest';
import { encodeBase64 } from '../../codec/base64.ts';
import { encodeUtf8, decodeUtf8 } from '../../codec/utf8.ts';
import { toSpki } from '../../crypto/keys/public-container.ts';
import { ExternalKeyProblem } from '../../framework/external-key.ts';
import { fakeRuntime } from '../../framework/testing.ts';
import type { OutgoingRequest, OutgoingResponse } from '../../runtime.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { grantedKey } from './granted.ts';
import { externalKeysOf } from './store.ts';

const publicKey = { kind: 'ed25519', bytes: new Uint8Array(32).fill(7) } as const;
const EXPORTED = `{"data":{"keys":{"3":"${encodeBase64(toSpki(publicKey))}"}}}`;

/** A key `x:k`, granted to `pki/`, of a server that answers so. */
async function world(answers: (request: OutgoingRequest) => readonly [status: number, body: string]) {
  const asked: string[] = [];
  const web = {
    request(request: OutgoingRequest): Promise<OutgoingResponse> {
      const sent = request.body === undefined ? '' : ` ${decodeUtf8(request.body)}`;
      asked.push(`${request.method} ${request.url} ${request.headers['X-Vault-Token']}${sent}`);
      const [status, body] = answers(request);
      return Promise.resolve({ status, headers: new Map(), body: encodeUtf8(body) });
    },
  };
  const storage = new InmemStorage();
  const keys = externalKeysOf(storage);
  await keys.putConfig('x', {
    plugin: 'transit',
    values: { address: 'http://kms/', token: 't', mount_path: 'transit/' },
  });
  await keys.putKey('x', 'k', { values: { name: 'n', version: '3' }, grants: ['pki/'] });
  const get = (reference: string, mount = 'pki/') => grantedKey({ ...fakeRuntime(), web }, storage, mount, reference);
  return { get, keys, asked };
}

test('a reference is of two names, of a key that is known, and granted to the mount', async () => {
  const { get, keys, asked } = await world(() => [200, EXPORTED]);
  for (const reference of ['', 'x', 'x:', ':k', 'x:k:k', 'x x:k', 'x:-k']) {
    await expect(get(reference)).rejects.toThrow('invalid key reference: must be "<config name>:<key name>"');
  }
  await expect(get('x:q')).rejects.toThrow('key "x:q" does not exist');
  await expect(get('y:k')).rejects.toThrow('key "y:k" does not exist');
  await expect(get('x:k', 'transit/')).rejects.toThrow('mount "transit/" is missing grant for key "x:k"');
  expect(asked).toEqual([]);
  const key = await get('x:k');
  expect(asked).toEqual([]);
  expect((await key.signer()).publicKey).toEqual(publicKey);
  await keys.putKey('x', 'k', { values: { name: 'n', version: '3' }, grants: [] });
  await expect(get('x:k')).rejects.toThrow('mount "pki/" is missing grant for key "x:k"');
});

test('the other server is asked what the key is to do, with the input or its digest', async () => {
  const made = encodeBase64(Uint8Array.of(1, 2));
  const data = `{"signature":"vault:v3:${made}","ciphertext":"vault:v3:${made}","plaintext":"${made}","valid":true}`;
  const { get, asked } = await world(({ method }) => [200, method === 'GET' ? EXPORTED : `{"data":${data}}`]);
  const key = await get('x:k');
  const [nine, none, answer] = [Uint8Array.of(9), new Uint8Array(0), Uint8Array.of(1, 2)];
  const signer = await key.signer();
  expect(await signer.sign(nine, {})).toEqual(answer);
  await key.sign(nine, { hash: 'sha384' });
  await key.sign(nine, { hash: 'sha256', salt: 'hash' });
  await key.sign(nine, { salt: 20 });
  expect(await key.verify(nine, nine, { hash: 'sha3-512', salt: 'auto' })).toBe(true);
  expect(await key.encrypt(nine, none)).toEqual(answer);
  await key.encrypt(nine, nine);
  expect(await key.decrypt(nine, none)).toEqual(answer);
  await key.decrypt(nine, nine);
  const sent = '{"input":"CQ==","key_version":"3"';
  expect(asked).toEqual([
    'GET http://kms/v1/transit/export/public-key/n/3?format=der t',
    `PUT http://kms/v1/transit/sign/n t ${sent},"prehashed":false,"signature_algorithm":"pkcs1v15"}`,
    `PUT http://kms/v1/transit/sign/n t {"hash_algorithm":"sha2-384",${sent.slice(1)},"prehashed":true,"signature_algorithm":"pkcs1v15"}`,
    `PUT http://kms/v1/transit/sign/n t {"hash_algorithm":"sha2-256",${sent.slice(1)},"prehashed":true,"salt_length":"hash"}`,
    `PUT http://kms/v1/transit/sign/n t ${sent},"prehashed":false,"salt_length":20}`,
    'PUT http://kms/v1/transit/verify/n t {"hash_algorithm":"sha3-512","input":"CQ==","prehashed":true,"salt_length":"auto","signature":"vault:v3:CQ=="}',
    'PUT http://kms/v1/transit/encrypt/n t {"key_version":"3","plaintext":"CQ=="}',
    'PUT http://kms/v1/transit/encrypt/n t {"associated_data":"CQ==","key_version":"3","plaintext":"CQ=="}',
    'PUT http://kms/v1/transit/decrypt/n t {"ciphertext":"vault:v3:CQ=="}',
    'PUT http://kms/v1/transit/decrypt/n t {"associated_data":"CQ==","ciphertext":"vault:v3:CQ=="}',
  ]);
  await expect(key.sign(nine, { hash: 'sha1' })).rejects.toThrow('unsupported hash function: SHA-1');
});

test('what the other server refuses is told in its words', async () => {
  const { get } = await world(() => [403, '{"errors":["permission denied"]}']);
  await expect((await get('x:k')).signer()).rejects.toThrow(
    'error building signer: Error making API request.\n\nURL: GET http://kms/v1/transit/export/public-key/n/3?format=der\nCode: 403. Errors:\n\n* permission denied',
  );
});

// Texts of 2.7.2 beside a server that answers so.
test.each([
  ['{"errors":[]}', "expected response to include 'signature' field of type string"],
  ['{"data":{"signature":5}}', "expected response to include 'signature' field of type string"],
  ['{"data":{"signature":"zz"}}', 'expected signature to split into 3 parts, got 1'],
  ['{"data":{"signature":"a:b"}}', 'expected signature to split into 3 parts, got 2'],
  ['{"data":{"signature":"vault:v3:!"}}', 'decode signature: illegal base64 data at input byte 0'],
  ['{"data":{"signature":"a:b:QQ==:c"}}', 'decode signature: illegal base64 data at input byte 4'],
  ['{"data":{"signature":"a:b:"}}', 'parse key version: strconv.ParseUint: parsing "": invalid syntax'],
  ['{"data":{"signature":"vault:v7:QQ=="}}', 'expected used key version to match configured version 3, got 7'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['[]', 'json: cannot unmarshal array into Go value of type api.Secret'],
  ['{"data":[]}', 'json: cannot unmarshal array into Go struct field Secret.data of type map[string]interface {}'],
])('an answer %s is no signature', async (answer, problem) => {
  const { get } = await world(() => [200, answer]);
  const signed = (await get('x:k')).sign(new Uint8Array(1), {});
  await expect(signed).rejects.toThrow(new ExternalKeyProblem(problem));
  await expect(signed).rejects.toBeInstanceOf(ExternalKeyProblem);
});

test.each([
  ['5', 'expected public key data of type string'],
  ['"!"', 'illegal base64 data at input byte 0'],
  ['"QQ=="', 'asn1: syntax error: truncated tag or length'],
  ['', 'expected exactly one key, got 0'],
])('an exported %s is no public key', async (shown, problem) => {
  const { get } = await world(() => [200, `{"data":{"keys":{${shown === '' ? '' : `"1":${shown}`}}}}`]);
  const signer = (await get('x:k')).signer();
  await expect(signer).rejects.toThrow(new ExternalKeyProblem(`error building signer: ${problem}`));
  await expect(signer).rejects.toBeInstanceOf(ExternalKeyProblem);
});

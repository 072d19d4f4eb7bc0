import { expect, test } from 'vitest';
import { encodeBase64 } from '../../codec/base64.ts';
import { encodeUtf8, decodeUtf8 } from '../../codec/utf8.ts';
import { toSpki } from '../../crypto/keys/public-container.ts';
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
  for (const reference of ['', 'x', 'x:', ':k', 'x:k:k']) {
    await expect(get(reference)).rejects.toThrow('invalid key reference: must be "<config name>:<key name>"');
  }
  await expect(get('x:q')).rejects.toThrow('key "x:q" does not exist');
  await expect(get('y:k')).rejects.toThrow('key "y:k" does not exist');
  await expect(get('x:k', 'transit/')).rejects.toThrow('mount "transit/" is missing grant for key "x:k"');
  expect(asked).toEqual([]);
  expect((await get('x:k')).publicKey).toEqual(publicKey);
  await keys.putKey('x', 'k', { values: { name: 'n', version: '3' }, grants: [] });
  await expect(get('x:k')).rejects.toThrow('mount "pki/" is missing grant for key "x:k"');
});

test('the other server is asked for the public key, and to sign a digest or a whole message', async () => {
  const signature = `{"data":{"signature":"vault:v3:${encodeBase64(Uint8Array.of(1, 2))}"}}`;
  const { get, asked } = await world(({ method }) => [200, method === 'GET' ? EXPORTED : signature]);
  const key = await get('x:k');
  const digest = Uint8Array.of(9);
  expect(await key.sign(digest, {})).toEqual(Uint8Array.of(1, 2));
  await key.sign(digest, { hash: 'sha384' });
  await key.sign(digest, { hash: 'sha256', pss: true });
  expect(asked).toEqual([
    'GET http://kms/v1/transit/export/public-key/n/3?format=der t',
    'PUT http://kms/v1/transit/sign/n t {"input":"CQ==","key_version":"3","prehashed":false,"signature_algorithm":"pkcs1v15"}',
    'PUT http://kms/v1/transit/sign/n t {"hash_algorithm":"sha2-384","input":"CQ==","key_version":"3","prehashed":true,"signature_algorithm":"pkcs1v15"}',
    'PUT http://kms/v1/transit/sign/n t {"hash_algorithm":"sha2-256","input":"CQ==","key_version":"3","prehashed":true,"salt_length":"hash"}',
  ]);
});

test('what the other server refuses is told in its words', async () => {
  const { get } = await world(() => [403, '{"errors":["permission denied"]}']);
  await expect(get('x:k')).rejects.toThrow(
    'error building signer: Error making API request.\n\nURL: GET http://kms/v1/transit/export/public-key/n/3?format=der\nCode: 403. Errors:\n\n* permission denied',
  );
  const gone = await world(() => [404, '{"errors":[]}']);
  await expect(gone.get('x:k')).rejects.toThrow('error building signer: no such key');
});

import { expect, it } from 'vitest';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { OutgoingRequest, OutgoingResponse, Runtime } from '../../runtime.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { configuredSeals } from './configured.ts';

const TENANT = '00000000-0000-0000-0000-000000000000';
const block = { tenant_id: TENANT, vault_name: 'bao-unseal-vault', key_name: 'bao-unseal-key' };

/** Azure as far as a seal asks it: who comes without the secret, or without a token, is sent away. */
class Azure {
  /** Tokens given out. */
  given = 0;
  version = 1;
  readonly runtime = testRuntime();
  readonly #keys = new Map([1, 2].map((n) => [`v${n}`, this.runtime.crypto.aesGcm(new Uint8Array(32).fill(n))]));

  request({ method, url, headers, body }: OutgoingRequest): Promise<OutgoingResponse> {
    const text = body === undefined ? '' : decodeUtf8(body);
    if (url === `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`) {
      const right =
        text ===
        'client_id=app&client_secret=s%2B1&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default';
      if (!right)
        return answer(401, { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret' });
      return answer(200, { access_token: `t${++this.given}`, expires_in: 3600 });
    }
    if (headers['Authorization'] !== `Bearer t${this.given}`)
      return answer(401, { error: { code: 'Unauthorized', message: '' } });
    const [, key, version, operation] =
      /^https:\/\/bao-unseal-vault\.vault\.azure\.net\/keys\/([^/]+)\/([^/]*)(?:\/(\w+))?\?api-version=7\.4$/.exec(
        url,
      ) ?? [];
    if (key !== 'bao-unseal-key')
      return answer(404, { error: { code: 'KeyNotFound', message: `A key with (name/id) ${key} was not found` } });
    const used = version === '' ? `v${this.version}` : version!;
    const kid = `https://bao-unseal-vault.vault.azure.net/keys/${key}/${used}`;
    if (method === 'GET') return answer(200, { key: { kid } });
    const { alg, value } = JSON.parse(text) as { alg: string; value: string };
    expect(alg).toBe('RSA-OAEP-256');
    const nonce = new Uint8Array(12);
    const cipher = this.#keys.get(used)!;
    const bytes = decodeBase64RawUrl(value);
    const made = operation === 'wrapkey' ? cipher.seal(nonce, bytes) : cipher.open(nonce, bytes);
    return answer(200, { kid, value: encodeBase64RawUrl(made) });
  }
}

const answer = (status: number, body: object): Promise<OutgoingResponse> =>
  Promise.resolve({ status, headers: new Map(), body: encodeUtf8(JSON.stringify(body)) });

async function sealOf(azure: Azure, settings: Record<string, string> = block, secret = 's+1') {
  const runtime = Object.create(azure.runtime, { web: { value: azure } }) as Runtime;
  const variables: Record<string, string> = { AZURE_CLIENT_ID: 'app', AZURE_CLIENT_SECRET: secret };
  const sources = { environment: (name: string) => variables[name], readFile: () => new Uint8Array() };
  return (await configuredSeals(runtime, [{ type: 'azurekeyvault', settings }], sources)).seal!;
}

it('takes the block of the operations page, keeps its token while it is good, and opens what an older version wrapped', async () => {
  const azure = new Azure();
  const seal = await sealOf(azure);
  const stored = serialiseBlob(await seal.encrypt(encodeUtf8('root key')));
  expect(parseBlob(stored).keyId).toBe('v1');
  azure.version = 2;
  expect((await seal.encrypt(encodeUtf8('x'))).keyId).toBe('v2');
  expect(decodeUtf8(await seal.decrypt(parseBlob(stored)))).toBe('root key');
  expect(azure.given).toBe(1);
  azure.runtime.now += 3_600_000_000;
  await seal.encrypt(encodeUtf8('x'));
  expect(azure.given).toBe(2);
});

it('says what it lacks, and what Azure says when Azure refuses', async () => {
  const azure = new Azure();
  const { vault_name: _, ...nameless } = block;
  await expect(sealOf(azure, nameless)).rejects.toThrow(
    'Error configuring seal "azurekeyvault": vault name is required',
  );
  await expect(sealOf(azure, { ...block, key_name: '' })).rejects.toThrow('key name is required');
  await expect(sealOf(azure, block, 'wrong')).rejects.toThrow('RESPONSE 401: invalid_client: AADSTS7000215');
  await expect(sealOf(azure, { ...block, key_name: 'none' })).rejects.toThrow('RESPONSE 404: KeyNotFound: A key with');
});

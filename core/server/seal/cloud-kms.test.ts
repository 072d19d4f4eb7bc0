import { expect, it } from 'vitest';
import { decodeBase64, decodeBase64RawUrl, encodeBase64 } from '../../codec/base64.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { RsaKey } from '../../crypto/crypto.ts';
import { pkcs8Pem } from '../../crypto/keys/pem.ts';
import type { OutgoingRequest, OutgoingResponse, Runtime } from '../../runtime.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { signAliCloud } from './alicloud-kms-wrapper.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { configuredSeals } from './configured.ts';
import { signOci } from './oci-kms-wrapper.ts';

const answer = (status: number, body: object): OutgoingResponse => ({
  status,
  headers: new Map([['opc-request-id', ['opc1']]]),
  body: encodeUtf8(JSON.stringify(body)),
});

const test = testRuntime();
/** Of whoever asks; made of test primes. */
const key: RsaKey = await test.crypto.rsaGenerate(2048, (length) => test.random.bytes(length));
const other: RsaKey = await test.crypto.rsaGenerate(2048, (length) => test.random.bytes(length));
const pemOf = (rsa: RsaKey): string => pkcs8Pem(test.crypto, { kind: 'rsa', key: rsa });

/** A key service: `answers` gives undefined for a request that is not signed as it has to be. */
interface Service {
  readonly answers: (request: OutgoingRequest) => OutgoingResponse | undefined;
  readonly refused: OutgoingResponse;
}

const aead = test.crypto.aesGcm(new Uint8Array(32).fill(5));
const nonce = new Uint8Array(12);
const wrap = (text: string): string => encodeBase64(aead.seal(nonce, decodeBase64(text)));
const unwrap = (text: string): string => encodeBase64(aead.open(nonce, decodeBase64(text)));

const aliCloud: Service = {
  refused: answer(404, {
    RequestId: 'R1',
    Code: 'SignatureDoesNotMatch',
    Message: 'Specified signature is not matched.',
  }),
  answers({ url }) {
    const [, text = ''] = /^https:\/\/kms\.us-east-1\.aliyuncs\.com\/\?(.*)$/.exec(url)!;
    const pairs = text.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]);
    const { Signature, ...asked } = Object.fromEntries(pairs) as Record<string, string>;
    if (!signAliCloud(test.crypto, 'secret', asked).includes(`Signature=${encodeURIComponent(Signature!)}&`))
      return undefined;
    switch (asked['Action']) {
      case 'DescribeKey':
        return answer(200, { KeyMetadata: { KeyId: 'key-1' } });
      case 'Encrypt':
        return answer(200, { KeyId: 'key-1', CiphertextBlob: wrap(asked['Plaintext']!) });
      default:
        return answer(200, { Plaintext: unwrap(asked['CiphertextBlob']!) });
    }
  },
};

const oracle: Service = {
  refused: answer(401, {
    code: 'NotAuthenticated',
    message: 'The required information to complete authentication was not provided.',
  }),
  answers(request) {
    const { url, headers, body, method } = request;
    const [, names = '', keyId, signature = ''] =
      /headers="([^"]*)",keyId="([^"]*)",algorithm="rsa-sha256",signature="([^"]*)"$/.exec(headers['authorization']!)!;
    const { host, pathname } = new URL(url);
    const values: Record<string, string> = {
      ...headers,
      host,
      '(request-target)': `${method.toLowerCase()} ${pathname}`,
      ...(body && {
        'x-content-sha256': encodeBase64(test.crypto.hash('sha256', body)),
        'content-length': String(body.length),
      }),
    };
    const text = names
      .split(' ')
      .map((name) => `${name}: ${values[name]}`)
      .join('\n');
    const digest = test.crypto.hash('sha256', encodeUtf8(text));
    const must = body === undefined ? [] : ['x-content-sha256'];
    const covered = ['date', '(request-target)', 'host', ...must].every((name) => names.split(' ').includes(name));
    if (
      !covered ||
      keyId !== 'ocid.t/ocid.u/aa:bb' ||
      !test.crypto.rsaVerify(key, 'sha256', digest, decodeBase64(signature))
    ) {
      return undefined;
    }
    if (url === 'https://m.example/20180608/keys/ocid.key') return answer(200, { currentKeyVersion: 'version-1' });
    const asked = JSON.parse(decodeUtf8(body!)) as Record<string, string>;
    if (asked['keyId'] !== 'ocid.key') return answer(404, { code: 'NotAuthorizedOrNotFound', message: 'no such key' });
    return url === 'https://c.example/20180608/encrypt'
      ? answer(200, { ciphertext: wrap(asked['plaintext']!) })
      : answer(200, { plaintext: unwrap(asked['ciphertext']!) });
  },
};

const NAME = 'projects/p/locations/global/keyRings/ring/cryptoKeys/k';
const google: Service = {
  refused: answer(403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'Permission denied on resource' } }),
  answers({ url, headers, body }) {
    if (url === 'https://token.example/') {
      const [head, claims, signature] = /assertion=(.*)$/.exec(decodeUtf8(body!))![1]!.split('.') as [
        string,
        string,
        string,
      ];
      const digest = test.crypto.hash('sha256', encodeUtf8(`${head}.${claims}`));
      const { iss, aud } = JSON.parse(decodeUtf8(decodeBase64RawUrl(claims))) as Record<string, string>;
      const good =
        iss === 'a@p.iam' && aud === url && test.crypto.rsaVerify(key, 'sha256', digest, decodeBase64RawUrl(signature));
      return good ? answer(200, { access_token: 'ya29', expires_in: 3600 }) : answer(400, { error: 'invalid_grant' });
    }
    if (headers['Authorization'] !== 'Bearer ya29') return undefined;
    const verb = url.slice(`https://cloudkms.googleapis.com/v1/${NAME}`.length);
    const asked = body === undefined ? {} : (JSON.parse(decodeUtf8(body)) as Record<string, string>);
    switch (verb) {
      case '':
        return answer(200, { primary: { name: `${NAME}/cryptoKeyVersions/1` } });
      case ':testIamPermissions':
        return answer(200, { permissions: asked['permissions'] });
      case ':encrypt':
        return answer(200, { name: `${NAME}/cryptoKeyVersions/1`, ciphertext: wrap(asked['plaintext']!) });
      case ':decrypt':
        return answer(200, { plaintext: unwrap(asked['ciphertext']!) });
      default:
        return answer(404, { error: { code: 404, status: 'NOT_FOUND', message: `CryptoKey ${url} not found.` } });
    }
  },
};

const account = (rsa: RsaKey): string =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'a@p.iam',
    private_key_id: 'k1',
    private_key: pemOf(rsa),
    token_uri: 'https://token.example/',
  });

const files: Readonly<Record<string, string>> = {
  '/home/.oci/config':
    '[DEFAULT]\nuser=ocid.u\nfingerprint=aa:bb\ntenancy=ocid.t\nregion=r\nkey_file=~/key.pem\n[OTHER]\nuser=no\n',
  '/home/key.pem': pemOf(key),
  '/other/.oci/config': '[DEFAULT]\nuser=ocid.u\nfingerprint=aa:bb\ntenancy=ocid.t\nregion=r\nkey_file=/other.pem\n',
  '/other.pem': pemOf(other),
  '/account.json': account(key),
  '/stranger.json': account(other),
  '/kind.json': '{"type":"zz"}',
};

type Block = Readonly<Record<string, string>>;

async function sealOf(type: string, service: Service, settings: Block, variables: Block = { HOME: '/home' }) {
  const web = { request: async (request: OutgoingRequest) => service.answers(request) ?? service.refused };
  const runtime = Object.create(test, { web: { value: web } }) as Runtime;
  const readFile = (path: string): Uint8Array => {
    if (files[path] === undefined) throw new Error(`open ${path}: no such file or directory`);
    return encodeUtf8(files[path]);
  };
  const sources = { environment: (name: string) => variables[name], readFile };
  return (await configuredSeals(runtime, [{ type, settings }], sources)).seal!;
}

const blocks = {
  alicloudkms: { region: 'us-east-1', access_key: 'id', secret_key: 'secret', kms_key_id: 'alias/k' },
  ocikms: {
    key_id: 'ocid.key',
    crypto_endpoint: 'https://c.example/',
    management_endpoint: 'https://m.example',
    auth_type_api_key: 'true',
  },
  gcpckms: { project: 'p', region: 'global', key_ring: 'ring', crypto_key: 'k', credentials: '/account.json' },
};

it.each([
  ['alicloudkms', aliCloud, 'key-1', 0],
  ['ocikms', oracle, 'version-1', 0],
  ['gcpckms', google, `${NAME}/cryptoKeyVersions/1`, 1],
] as const)(
  '%s: what it wraps comes back through storage, by requests that its service believes',
  async (type, service, keyId, mechanism) => {
    const seal = await sealOf(type, service, blocks[type]);
    const stored = serialiseBlob(await seal.encrypt(encodeUtf8('root key')));
    expect(parseBlob(stored)).toMatchObject({ keyId, envelope: { mechanism } });
    expect(await seal.keyId()).toBe(keyId);
    expect(decodeUtf8(await seal.decrypt(parseBlob(stored)))).toBe('root key');
  },
);

const refusals: readonly (readonly [keyof typeof blocks, Service, Block, string, Block?])[] = [
  [
    'alicloudkms',
    aliCloud,
    { kms_key_id: '' },
    'key id not found (env or config) for alicloud kms wrapper configuration',
  ],
  [
    'alicloudkms',
    aliCloud,
    { secret_key: 'wrong' },
    'error fetching AliCloud KMS key information: SDK.ServerError\nErrorCode: SignatureDoesNotMatch\nRecommend: \nRequestId: R1\nMessage: Specified signature is not matched.\nRespHeaders: map[Opc-Request-Id:[opc1]]',
  ],
  ['ocikms', oracle, { key_id: '' }, "'key_id' not found for OCI KMS seal configuration"],
  ['ocikms', oracle, { crypto_endpoint: '' }, "'crypto_endpoint' not found for OCI KMS seal configuration"],
  ['ocikms', oracle, { management_endpoint: '' }, "'management_endpoint' not found for OCI KMS seal configuration"],
  [
    'ocikms',
    oracle,
    { auth_type_api_key: 'zz' },
    'failed parsing auth_type_api_key parameter: strconv.ParseBool: parsing "zz": invalid syntax',
  ],
  [
    'ocikms',
    oracle,
    {},
    'error initializing OCI KMS client: failed creating NewKmsCryptoClientWithConfigurationProvider: can not create client, bad configuration: did not find a proper configuration for tenancy',
    {},
  ],
  [
    'ocikms',
    oracle,
    {},
    'failed key_id validation: error encrypting data: Service error:NotAuthenticated. The required information to complete authentication was not provided.. http status code: 401. Opc request id: opc1',
    { HOME: '/other' },
  ],
  ['gcpckms', google, { project: '' }, "'project' not found for GCP CKMS wrapper configuration"],
  ['gcpckms', google, { region: '' }, "'region' not found for GCP CKMS wrapper configuration"],
  ['gcpckms', google, { key_ring: '' }, "'key_ring' not found for GCP CKMS wrapper configuration"],
  ['gcpckms', google, { crypto_key: '' }, "'crypto_key' not found for GCP CKMS wrapper configuration"],
  [
    'gcpckms',
    google,
    { credentials: '' },
    'failed to create KMS client: credentials: could not find default credentials.',
  ],
  ['gcpckms', google, { credentials: '/nope' }, 'failed to create KMS client: open /nope: no such file or directory'],
  [
    'gcpckms',
    google,
    { credentials: '/kind.json' },
    'failed to create KMS client: credentials: unsupported filetype "zz"',
  ],
  [
    'gcpckms',
    google,
    { credentials: '/stranger.json' },
    'error checking key existence: oauth2: cannot fetch token: 400',
  ],
  [
    'gcpckms',
    google,
    { crypto_key: 'none' },
    'error checking key existence: rpc error: code = NotFound desc = CryptoKey',
  ],
];

it('says what a block lacks in the words of 2.6.2, and what a service says when it refuses', async () => {
  for (const [type, service, change, text, variables] of refusals) {
    await expect(sealOf(type, service, { ...blocks[type], ...change }, variables), text).rejects.toThrow(text);
  }
});

it('signs for AliCloud as OpenBao 2.6.2 does', () => {
  const query = {
    AccessKeyId: 'a',
    Action: 'DescribeKey',
    Format: 'JSON',
    KeyId: 'k',
    RegionId: 'us-east-1',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: '5ec96efdd1ed2b57a63cfb73634f8d78',
    SignatureType: '',
    SignatureVersion: '1.0',
    Timestamp: '2026-11-28T03:53:11Z',
    Version: '2016-01-20',
  };
  expect(signAliCloud(test.crypto, 'b', query)).toBe(
    'AccessKeyId=a&Action=DescribeKey&Format=JSON&KeyId=k&RegionId=us-east-1&Signature=qjtraFZJk8TKPEU%2BZ1f2DZjzRjQ%3D&SignatureMethod=HMAC-SHA1&SignatureNonce=5ec96efdd1ed2b57a63cfb73634f8d78&SignatureType=&SignatureVersion=1.0&Timestamp=2026-11-28T03%3A53%3A11Z&Version=2016-01-20',
  );
});

it('tries Oracle again when it fails to answer, five times in all', async () => {
  let asked = 0;
  const busy = answer(503, { code: 'ServiceUnavailable', message: 'busy' });
  const failing: Service = { refused: busy, answers: () => (asked++, undefined) };
  await expect(sealOf('ocikms', failing, blocks.ocikms)).rejects.toThrow('Service error:ServiceUnavailable. busy.');
  expect(asked).toBe(5);
});

it('gives each request for Oracle a signature of its own', () => {
  const request = { method: 'GET', url: 'https://m.example/20180608/keys/k' };
  const principal = { keyId: 't/u/f', key };
  const one = signOci(test.crypto, principal, request, test.now)['authorization'];
  expect(signOci(test.crypto, principal, request, test.now)['authorization']).toBe(one);
  expect(signOci(test.crypto, principal, { ...request, method: 'POST' }, test.now)['authorization']).not.toBe(one);
  expect(encodeHex(key.modulus)).not.toBe(encodeHex(other.modulus));
});

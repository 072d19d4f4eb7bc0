import { expect, it } from 'vitest';
import { encodeHex } from '../../codec/hex.ts';
import { encodeTtlv } from '../../codec/ttlv.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Runtime } from '../../runtime.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { configuredSeals } from './configured.ts';
import { KmipDouble } from './kmip.fixture.ts';
import { find } from './kmip-client.ts';
import { operations, tags } from './kmip-names.ts';

const block = {
  endpoint: 'kms.example:5696',
  kms_key_id: '1',
  client_cert: '/client.pem',
  client_key: '/client.key',
  ca_cert: '/ca.pem',
};

async function sealOf(
  kmip: KmipDouble,
  settings: Record<string, string> = block,
  environment: Record<string, string> = {},
) {
  const runtime = Object.create(kmip.runtime, { streams: { value: kmip } }) as Runtime;
  const readFile = (path: string): Uint8Array => {
    if (path === '/none') throw new Error('open /none: no such file or directory');
    return encodeUtf8(`PEM of ${path}`);
  };
  const sources = { environment: (name: string) => environment[name], readFile };
  return (await configuredSeals(runtime, [{ type: 'kmip', settings }], sources)).seal!;
}

it('opens what it sealed, over mutual TLS, in the newest version of both', async () => {
  const kmip = new KmipDouble();
  const seal = await sealOf(kmip);
  const stored = serialiseBlob(await seal.encrypt(encodeUtf8('root key')));
  expect(decodeUtf8(await seal.decrypt(parseBlob(stored)))).toBe('root key');
  expect(await seal.keyId()).toBe('1');
  expect(kmip.dialled[0]).toStrictEqual({
    address: 'kms.example:5696',
    tls: { ca: 'PEM of /ca.pem', certificate: 'PEM of /client.pem', key: 'PEM of /client.key' },
  });
  // A connection for each piece of work, and versions are agreed upon once.
  expect(kmip.dialled).toHaveLength(3);
  expect(kmip.asked.map(({ operation, minor }) => [operation, minor])).toStrictEqual([
    [operations.discoverVersions, 1],
    [operations.getAttributes, 4],
    [operations.encrypt, 4],
    [operations.decrypt, 4],
  ]);
});

it('asks byte for byte what OpenBao asks', async () => {
  const kmip = new KmipDouble();
  const seal = await sealOf(kmip);
  await seal.encrypt(encodeUtf8('a'));
  const hex = kmip.asked.map(({ payload }) => encodeHex(encodeTtlv(payload)));
  // Recorded from OpenBao 2.7.2 in front of PyKMIP 0.11; its nonce left out.
  expect(hex[1]).toBe(
    '42007901000000784200940700000001310000000000000042000a070000000b4f626a6563742054797065000000000042000a070000001743727970746f6772617068696320416c676f726974686d0042000a070000001843727970746f67726170686963205573616765204d61736b42000a07000000044c696e6b00000000',
  );
  expect(hex[2]).toMatch(
    /^42007901000000804200940700000001310000000000000042002b010000004042001105000000040000000900000000420028050000000400000003000000004200cd02000000040000000c000000004200ce020000000400000010000000004200c20800000001610000000000000042003d080000000c[0-9a-f]{24}00000000$/,
  );
});

it('leaves the tag in the ciphertext before version 1.4, and takes no server that is too old', async () => {
  const kmip = new KmipDouble();
  kmip.versions = [2, 1, 0];
  const seal = await sealOf(kmip);
  const blob = await seal.encrypt(encodeUtf8('root key'));
  expect(decodeUtf8(await seal.decrypt(blob))).toBe('root key');
  expect(find(kmip.asked.at(-1)!.payload, tags.authenticationTag)).toBeUndefined();
  kmip.versions = [1, 0];
  await expect(sealOf(kmip)).rejects.toThrow(
    'Error configuring seal "kmip": failed to dial kmip connection endpoint: failed to dial kmip connection endpoint: Protocol version negotiation failed. No common version found',
  );
});

it('encrypts with the public key that a private one names, and remembers the algorithm', async () => {
  const kmip = new KmipDouble();
  const settings = { ...block, kms_key_id: 'private', encrypt_alg: 'RSA_OAEP_SHA384' };
  const seal = await sealOf(kmip, settings);
  const blob = parseBlob(serialiseBlob(await seal.encrypt(encodeUtf8('root key'))));
  expect(blob).toMatchObject({ keyId: 'private', mechanism: 2, iv: new Uint8Array(0) });
  expect(find(kmip.asked.at(-1)!.payload, tags.uniqueIdentifier)!.value).toBe('public');
  // An other algorithm for what comes next opens what there is.
  const later = await sealOf(kmip, { ...settings, encrypt_alg: 'RSA_OAEP_SHA256' });
  expect(decodeUtf8(await later.decrypt(blob))).toBe('root key');
  expect(find(kmip.asked.at(-1)!.payload, tags.cryptographicParameters)).toStrictEqual({
    tag: tags.cryptographicParameters,
    type: 'structure',
    value: [
      { tag: tags.paddingMethod, type: 'enumeration', value: 2 },
      { tag: tags.hashingAlgorithm, type: 'enumeration', value: 7 },
      { tag: tags.cryptographicAlgorithm, type: 'enumeration', value: 4 },
      { tag: tags.maskGenerator, type: 'enumeration', value: 1 },
      { tag: tags.maskGeneratorHash, type: 'enumeration', value: 7 },
    ],
  });
});

it('says what it lacks, in the words of 2.7.2', async () => {
  const refusals: readonly (readonly [Record<string, string>, string])[] = [
    [{ kms_key_id: '' }, 'key id not found (env or config) for kmip wrapper configuration'],
    [{ encrypt_alg: 'zz' }, 'invalid crypto parameters "zz"'],
    [{ timeout: 'zz' }, 'strconv.ParseUint: parsing "zz": invalid syntax'],
    [
      { ca_cert: '/none' },
      'failed to dial kmip connection endpoint: failed to dial kmip connection endpoint: open /none',
    ],
    [{ tls12_ciphers: 'zz' }, 'failed to dial kmip connection endpoint: invalid TLS cipher name "zz"'],
    [
      { kms_key_id: '99' },
      'invalid kmip key object: failed to get key attributes: Operation failed (status="OperationFailed", reason="ItemNotFound") Could not locate object: 99',
    ],
    [{ kms_key_id: 'encrypts' }, 'invalid kmip key object: key "encrypts" does not allow decrypt operations'],
    [
      { kms_key_id: 'lonely', encrypt_alg: 'RSA_OAEP_SHA256' },
      'invalid kmip key object: missing public key link attribute for the private key "lonely"',
    ],
    [
      { kms_key_id: 'private' },
      'invalid kmip key object: unexpected object type (wants "SymmetricKey", got "PrivateKey")',
    ],
  ];
  for (const [change, text] of refusals) {
    await expect(sealOf(new KmipDouble(), { ...block, ...change })).rejects.toThrow(text);
  }
});

it('takes variables before settings, and tells what became of the server', async () => {
  const kmip = new KmipDouble();
  const seal = await sealOf(kmip, { ...block, kms_key_id: '99' }, { BAO_KMIP_WRAPPER_KEY_ID: '1' });
  kmip.away = true;
  await expect(seal.encrypt(encodeUtf8('x'))).rejects.toThrow(
    'error encrypting data: failed to dial kmip connection endpoint: dial tcp kms.example:5696: connect: connection refused',
  );
  kmip.away = false;
  const blob = await seal.encrypt(encodeUtf8('x'));
  await expect(seal.decrypt({ ...blob, ciphertext: blob.ciphertext.slice(0, 5) })).rejects.toThrow(
    'error decrypting data encryption key: invalid encrypted DEK',
  );
});

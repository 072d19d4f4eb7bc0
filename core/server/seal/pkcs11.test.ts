import { expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { configuredSeals } from './configured.ts';
import { Pkcs11Double } from './pkcs11.fixture.ts';
import { Seal } from './seal.ts';
import type { SealWrapper } from './wrapper.ts';

const block = { lib: '/usr/lib/hsm.so', token_label: 'OpenBao', pin: '4321' };
type Settings = Readonly<Record<string, string | undefined>>;

async function sealOf(hsm: Pkcs11Double, change: Settings, variables: Settings = {}): Promise<SealWrapper> {
  const given = Object.entries({ ...block, ...change }).filter(([, value]) => value !== undefined);
  const sources = {
    environment: (name: string) => variables[name],
    readFile: (path: string) => {
      if (path === '/pin') return encodeUtf8('4321\n');
      throw new Error(`open ${path}: no such file or directory`);
    },
    openModule: async (path: string) => {
      expect(path).toBe('/usr/lib/hsm.so');
      return hsm;
    },
  };
  const settings = Object.fromEntries(given) as Record<string, string>;
  return (await configuredSeals(hsm.runtime, [{ type: 'pkcs11', settings }], sources)).seal!;
}

const secret = encodeUtf8('root key');

/** What is stored is opened by a seal that starts anew. */
async function opened(hsm: Pkcs11Double, sealing: Settings, opening: Settings = sealing): Promise<string> {
  const first = await sealOf(hsm, sealing);
  const stored = serialiseBlob(await first.encrypt(secret));
  await first.close?.();
  const second = await sealOf(hsm, opening);
  const text = decodeUtf8(await second.decrypt(parseBlob(stored)));
  await second.close?.();
  return text;
}

it('seals with an AES key or with an RSA pair, in the module or with the public half here', async () => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  await hsm.addRsa('rsa', 2);
  expect(await opened(hsm, { key_label: 'aes' })).toBe('root key');
  expect(await opened(hsm, { key_id: '0x01', slot: '0x7', token_label: undefined })).toBe('root key');
  expect(await opened(hsm, { key_label: 'aes', mechanism: '0x1087', pin: 'file:///pin' })).toBe('root key');
  expect(await opened(hsm, { key_label: 'rsa' })).toBe('root key');
  expect(await opened(hsm, { key_label: 'rsa', rsa_oaep_hash: 'SHA1' })).toBe('root key');
  const inModule = { key_label: 'rsa', rsa_oaep_hash: 'sha512', software_encryption: 'false' };
  expect(await opened(hsm, inModule, { ...inModule, software_encryption: 'true' })).toBe('root key');
  expect(hsm.open.size).toBe(0);
  await expect(opened(hsm, { key_label: 'rsa' }, { key_label: 'rsa', rsa_oaep_hash: 'sha384' })).rejects.toThrow(
    'failed to pkcs#11 Decrypt: pkcs11: 0x40: CKR_ENCRYPTED_DATA_INVALID',
  );
});

it('keeps the nonce that a device took of its own', async () => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  hsm.ownNonce = new Uint8Array(12).fill(9);
  expect(await opened(hsm, { key_label: 'aes' })).toBe('root key');
});

it('takes variables before settings', async () => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  const seal = await sealOf(hsm, { pin: 'x', key_label: 'x' }, { BAO_HSM_PIN: '4321', BAO_HSM_KEY_LABEL: 'aes' });
  expect(await seal.keyId()).toBe(':aes');
  await seal.close?.();
  await sealOf(hsm, { key_label: 'aes', pin: 'env://PIN' }, { PIN: '4321' });
});

it('writes no key beside what it sealed, and wraps nothing again under another label', async () => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  const storage = new InmemStorage();
  const first = await sealOf(hsm, { key_label: 'aes' });
  const seal = new Seal(hsm.runtime, storage, first);
  await seal.storeKeys([secret]);
  await seal.storeRecoveryKey(secret);
  const stored = await storage.get('core/hsm/barrier-unseal-keys');
  // Fields 1 (ciphertext) and 2 (nonce) are all that there is.
  expect(parseBlob(stored!)).toMatchObject({ keyId: '', nameless: true });
  expect(serialiseBlob(parseBlob(stored!))).toEqual(stored);
  await first.close?.();
  const other = new Seal(hsm.runtime, storage, await sealOf(hsm, { key_label: 'aes', key_id: '01' }));
  await other.upgradeKeys();
  expect(await storage.get('core/hsm/barrier-unseal-keys')).toEqual(stored);
});

const refusals: readonly (readonly [Settings, string])[] = [
  [{}, 'at least one of key id, key label must be set'],
  [{ key_id: 'zz' }, 'at least one of key id, key label must be set'],
  [{ lib: undefined }, 'module path must be set'],
  [{ lib: 'hsm.so' }, 'module loading via search paths is not allowed'],
  [{ module: 'x' }, 'deprecated config option: "module", use "lib" instead'],
  [{ token: 'x' }, 'deprecated config option: "token", use "token_label" instead'],
  [{ slot: 'zz' }, 'failed to parse slot number: strconv.ParseUint: parsing "zz": invalid syntax'],
  [{ slot: '4294967296' }, 'failed to parse slot number: strconv.ParseUint: parsing "4294967296": value out of range'],
  [{ token_label: undefined }, 'at least one of slot number, token label must be set'],
  [{ token_label: 'other' }, 'no matching token slot found'],
  [{ pin: '1' }, 'session pool: failed to log into slot 7: pkcs11: 0xA0: CKR_PIN_INCORRECT'],
  [{ pin: 'file:///none' }, 'error reading file at file:///none: open /none: no such file or directory'],
  [{ max_parallel: '1' }, 'session pool: need to create at least 2 sessions, but max_parallel is 1'],
  [{ software_encryption: 'zz' }, 'failed to parse boolean value: zz'],
  [{ mechanism: 'zz' }, 'unsupported mechanism: zz'],
  [{ mechanism: '0x99' }, 'unsupported mechanism: 0x99'],
  [{ mechanism: 'AES_CBC_PAD' }, 'deprecated mechanism: AES_CBC_PAD'],
  [{ mechanism: '0x9' }, 'want to use mechanism CKM_RSA_PKCS_OAEP, but key has type 31'],
  [{ rsa_oaep_hash: 'md5' }, 'unsupported hash mechanism: md5'],
  [{ key_label: 'none' }, 'no key found'],
  [{ key_label: 'opens' }, 'secret key is not an encryption key'],
  [{ key_label: 'seals' }, 'secret key is not a decryption key'],
  [{ key_label: 'lonely' }, 'found a single object, expected a secret key (class 4) but got class 3'],
  [{ key_label: 'rsa', software_encryption: '0' }, 'public key is not an encryption key'],
  [{ key_label: 'signs' }, 'private key is not a decryption key'],
];

it.each(refusals)('says what is wrong with %j', async (change, text) => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  hsm.addAes('opens', 2, { encrypt: false });
  hsm.addAes('seals', 3, { decrypt: false });
  await hsm.addRsa('rsa', 4, { encrypt: false });
  await hsm.addRsa('lonely', 5, { publicHalf: false });
  await hsm.addRsa('signs', 6, { decrypt: false });
  const named = /key id/.test(text) || 'key_label' in change ? change : { key_label: 'aes', ...change };
  await expect(sealOf(hsm, named)).rejects.toThrow(`Error configuring seal "pkcs11": ${text}`);
  // Whoever could not start leaves the library to the next one.
  expect(hsm.open.size).toBe(0);
  await sealOf(hsm, { key_label: 'aes' });
});

it('shares its slot with nobody, and says so when the token is taken out', async () => {
  const hsm = new Pkcs11Double();
  hsm.addAes('aes', 1);
  const seal = await sealOf(hsm, { key_label: 'aes' });
  hsm.slot = undefined;
  await expect(seal.encrypt(secret)).rejects.toThrow(
    'session pool: failed to create new session for slot 7: pkcs11: 0xE0: CKR_TOKEN_NOT_PRESENT',
  );
  await seal.close?.();
  await expect(seal.encrypt(secret)).rejects.toThrow('session pool is closed');
  hsm.slot = 7;
  await sealOf(hsm, { key_label: 'aes' });
  hsm.close = async () => undefined;
  await expect(sealOf(hsm, { key_label: 'aes' })).rejects.toThrow(
    'slot 7 of module "/usr/lib/hsm.so" is already in use',
  );
});

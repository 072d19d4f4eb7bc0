/** The PKCS#11 seal with SoftHSM2: a server that unseals by its keys, what is wrong with a token, and migrations. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './cluster.ts';
import { startSoftHsm, type SoftHsm } from './fixtures/softhsm.ts';
import { orSkipped } from './interop/side.ts';
import { freePort, startProgram, type Server } from './program.ts';

const steamer = fileURLToPath(new URL('../bin/steamer.ts', import.meta.url));
let hsm: SoftHsm | undefined;
let folder = '';
let server: Server | undefined;

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await mkdtemp(join(tmpdir(), 'steamer-hsm-'));
      hsm = await startSoftHsm(folder);
      await hsm.makeAes('aes', '01');
      await hsm.makeRsa('rsa', '02');
      await hsm.makeRsa('lonely', '03');
      await hsm.removePublicKey('lonely');
    }),
  // Installing takes its time.
  300_000,
);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Settings = Readonly<Record<string, string | undefined>>;

/** `change` replaces settings; undefined leaves one out. */
function block(change: Settings): string {
  const { library, label, pin } = hsm!;
  const lines = Object.entries({ lib: library, token_label: label, pin, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name} = "${value}"`],
  );
  return `seal "pkcs11" {\n${lines.join('\n')}\n}\n`;
}

/** On the storage of that name; the one before has ended. */
async function start(name: string, seal: string): Promise<Server> {
  await server?.stop();
  server = undefined;
  const port = await freePort();
  const config = join(folder, 'server.hcl');
  const listener = `listener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\n`;
  await writeFile(
    config,
    `storage "file" {\n  path = "${join(folder, name)}"\n}\n${listener}api_addr = "http://127.0.0.1:${port}"\n${seal}`,
  );
  return (server = await startProgram(process.execPath, [steamer, 'server', `-config=${config}`], port));
}

type Answer = Readonly<Record<string, unknown>>;

async function ask(method: string, path: string, body?: object, token = ''): Promise<Answer> {
  const answer = await fetch(`${server!.address}/v1/${path}`, {
    method,
    headers: { 'X-Vault-Token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, ...(text === '' ? {} : (JSON.parse(text) as Answer)) };
}

const active = (): Promise<unknown> =>
  eventually('the node is active', async () => ((await ask('GET', 'sys/health'))['status'] === 200 ? true : undefined));

const written = async (token: string): Promise<void> => {
  expect((await ask('PUT', 'cubbyhole/a', { b: 'c' }, token))['status']).toBe(204);
};
const kept = async (token: string): Promise<void> => {
  await active();
  expect((await ask('GET', 'cubbyhole/a', undefined, token))['data']).toEqual({ b: 'c' });
};

const keys: Readonly<Record<string, Settings>> = {
  'an AES key': { key_label: 'aes' },
  'an AES key by its id, in a slot': { key_id: '0x01', token_label: undefined, mechanism: '0x1087' },
  'an RSA key': { key_label: 'rsa', rsa_oaep_hash: 'sha1' },
  'an RSA key, all in the module': { key_label: 'rsa', rsa_oaep_hash: 'sha1', software_encryption: 'false' },
};

test.for(Object.keys(keys))('a server unseals by %s, and again after it ended', async (which, context) => {
  // `orSkipped` has printed why: SoftHSM2 cannot be had.
  if (hsm === undefined) return context.skip();
  const settings = keys[which]!;
  const seal = block('token_label' in settings ? { ...settings, slot: hsm.slot } : settings);
  const name = which.replaceAll(/\W+/g, '-');
  await start(name, seal);
  const made = await ask('PUT', 'sys/init', { recovery_shares: 1, recovery_threshold: 1 });
  const token = made['root_token'] as string;
  await active();
  expect(await ask('GET', 'sys/seal-status')).toMatchObject({ type: 'pkcs11', sealed: false, recovery_seal: true });
  await written(token);
  expect((await ask('PUT', 'sys/rotate/root', undefined, token))['status']).toBe(204);
  await start(name, seal);
  await kept(token);
});

const wrong: readonly (readonly [Settings, string])[] = [
  [{ pin: '1234' }, 'session pool: failed to log into slot SLOT: pkcs11: 0xA0: CKR_PIN_INCORRECT'],
  [{ key_label: 'none' }, 'no key found'],
  [{ key_label: 'lonely' }, 'found a single object, expected a secret key (class 4) but got class 3'],
  [{ mechanism: 'RSA_PKCS_OAEP' }, 'want to use mechanism CKM_RSA_PKCS_OAEP, but key has type 31'],
  [{ token_label: 'none' }, 'no matching token slot found'],
  [{ lib: '/none/hsm.so' }, 'failed to eval symlinks in module path: lstat /none: no such file or directory'],
  [{ lib: '/etc/passwd' }, 'failed to load module "/etc/passwd"'],
];

test('what is wrong with the module, the token or the key is said at the start', async (context) => {
  // `orSkipped` has printed why: SoftHSM2 cannot be had.
  if (hsm === undefined) return context.skip();
  for (const [change, text] of wrong) {
    const said = `Error configuring seal "pkcs11": ${text.replace('SLOT', hsm.slot)}`;
    await expect(start('wrong', block({ key_label: 'aes', ...change })), JSON.stringify(change)).rejects.toThrow(said);
  }
});

test('a hash that the module does not know is found out when it has to open what was sealed', async (context) => {
  // `orSkipped` has printed why: SoftHSM2 cannot be had.
  if (hsm === undefined) return context.skip();
  await start('hash', block({ key_label: 'rsa', rsa_oaep_hash: 'sha256' }));
  // Sealing is done here, with the public half.
  await ask('PUT', 'sys/init', { recovery_shares: 1, recovery_threshold: 1 });
  // SoftHSM2 knows OAEP with SHA-1 only.
  await eventually('the reason is in the log', async () =>
    server!.output().includes('failed to pkcs#11 DecryptInit: pkcs11: 0x7: CKR_ARGUMENTS_BAD') ? true : undefined,
  );
  expect(await ask('GET', 'sys/seal-status')).toMatchObject({ sealed: true });
});

test('from shares to the module and back', async (context) => {
  // `orSkipped` has printed why: SoftHSM2 cannot be had.
  if (hsm === undefined) return context.skip();
  await start('migration', '');
  const made = await ask('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const [key] = made['keys'] as [string];
  const token = made['root_token'] as string;
  await ask('PUT', 'sys/unseal', { key });
  await active();
  await written(token);
  const seal = block({ key_label: 'aes' });
  await start('migration', seal);
  expect(await ask('PUT', 'sys/unseal', { key, migrate: true })).toMatchObject({ status: 200, sealed: false });
  await kept(token);
  await start('migration', seal);
  await kept(token);
  await start('migration', seal.replace('{', '{\n  disabled = "true"'));
  expect(await ask('PUT', 'sys/unseal', { key, migrate: true })).toMatchObject({ status: 200, sealed: false });
  await kept(token);
  await start('migration', '');
  expect(await ask('PUT', 'sys/unseal', { key })).toMatchObject({ status: 200, sealed: false });
  await kept(token);
});

test('without its token a server stays sealed, and says why', async (context) => {
  // `orSkipped` has printed why: SoftHSM2 cannot be had.
  if (hsm === undefined) return context.skip();
  await hsm.remove();
  await expect(start('an-AES-key', block({ key_label: 'aes' }))).rejects.toThrow(
    'Error configuring seal "pkcs11": no matching token slot found',
  );
});

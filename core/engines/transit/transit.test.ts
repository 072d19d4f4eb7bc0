import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../codec/base64.ts';
import { parseObject } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { TestMount, type Seen } from '../../framework/testing.ts';
import { HOUR, MINUTE } from '../../runtime.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { createTransit } from './transit.ts';

const mounted = (options: ConstructorParameters<typeof TestMount>[1] = {}): TestMount =>
  new TestMount(createTransit, { mount: { type: 'transit' }, ...options });

interface Line {
  readonly what: string;
  readonly key: string;
  readonly json: string;
  readonly result: string;
}

const lines: Line[] = readFileSync(new URL('./real-keys.golden.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, what, key, json, result = ''] = /^(\w+) (\S+) (\{.*\})(?: (\S+))?$/.exec(line)!;
    return { what: what!, key: key!, json: json!, result };
  });
const hello = encodeBase64(encodeUtf8('hello'));

describe('a key of the real server', () => {
  const keys = lines.filter(({ what }) => what === 'KEY');

  test.each(keys)('$key does here what it did there, and is stored in the same bytes', async ({ key, json }) => {
    const mount = mounted();
    const text = `${json}\n`;
    expect((await mount.write('restore', { backup: encodeBase64(encodeUtf8(text)) })).status).toBe(204);
    for (const line of lines.filter((other) => other.key === key)) {
      const body = parseObject(line.json);
      if (line.what === 'DECRYPT')
        expect((await mount.write(`decrypt/${key}`, body)).data).toEqual({ plaintext: hello });
      if (line.what === 'VERIFY') expect((await mount.write(`verify/${key}`, body)).data).toEqual({ valid: true });
      if (line.what === 'HMAC') expect((await mount.write(`hmac/${key}`, body)).data).toEqual({ hmac: line.result });
      if (line.what === 'ENCRYPT') {
        expect((await mount.write(`encrypt/${key}`, body)).data).toMatchObject({ ciphertext: line.result });
      }
    }
    // Both were read and written again.
    const [, policy, archive] = /^\{"policy":(\{.*\}),"archived_keys":(\{.*\})\}$/.exec(json)!;
    expect(await stored(mount, `archive/${key}`)).toBe(`${archive}\n`);
    const restored = /"restore_info":\{[^}]*\}/;
    expect(await stored(mount, `policy/${key}`)).toMatch(restored);
    expect((await stored(mount, `policy/${key}`)).replace(restored, '"restore_info":null')).toBe(`${policy}\n`);
  });
});

const stored = async ({ context }: TestMount, key: string): Promise<string> =>
  decodeUtf8((await context.storage.get(key))!);

async function ciphertext(mount: TestMount, key: string, body: Record<string, string> = {}): Promise<string> {
  const made = await mount.write(`encrypt/${key}`, { plaintext: hello, ...body });
  return made.data!['ciphertext'] as string;
}

const errors = ({ errors }: Seen): string => errors?.join() ?? '';

describe('the versions of a key', () => {
  test('come back from the archive when they are allowed again, until they are trimmed', async () => {
    const mount = mounted();
    await mount.write('keys/k', {});
    const texts = [await ciphertext(mount, 'k')];
    for (let version = 2; version <= 4; version++) {
      await mount.write('keys/k/rotate', {});
      texts.push(await ciphertext(mount, 'k'));
    }
    await mount.write('keys/k/config', { min_decryption_version: 4 });
    expect(parseObject(await stored(mount, 'policy/k'))['keys']).toHaveProperty('4');
    expect(Object.keys(parseObject(await stored(mount, 'policy/k'))['keys'] as object)).toEqual(['4']);
    expect(errors(await mount.write('decrypt/k', { ciphertext: texts[0]! }))).toContain('disallowed by policy');
    await mount.write('keys/k/config', { min_decryption_version: 1 });
    for (const text of texts) {
      expect((await mount.write('decrypt/k', { ciphertext: text })).data).toEqual({ plaintext: hello });
    }
    await mount.write('keys/k/config', { min_decryption_version: 3, min_encryption_version: 3 });
    await mount.write('keys/k/trim', { min_available_version: 3 });
    expect(errors(await mount.write('keys/k/config', { min_decryption_version: 2 }))).toContain(
      'min available version',
    );
    await mount.write('keys/k/rotate', {});
    expect((await mount.write('decrypt/k', { ciphertext: texts[3]! })).data).toEqual({ plaintext: hello });
    expect(parseObject(await stored(mount, 'archive/k'))['keys']).toHaveLength(3);
  });

  test('are made by themselves when they get too old, looked at once an hour', async () => {
    const mount = mounted();
    await mount.write('keys/k', { auto_rotate_period: '2h' });
    await mount.write('keys/other', {});
    const latest = async (): Promise<unknown> => (await mount.read('keys/k')).data!['latest_version'];
    await mount.backend.periodic!();
    expect(await latest()).toBe(1);
    mount.clock.advance(2 * HOUR + MINUTE);
    await mount.backend.periodic!();
    await mount.backend.periodic!();
    expect(await latest()).toBe(2);
    mount.clock.advance(HOUR);
    await mount.backend.periodic!();
    expect(await latest()).toBe(2);
    mount.clock.advance(HOUR + MINUTE);
    await mount.backend.periodic!();
    expect(await latest()).toBe(3);
    expect((await mount.read('keys/other')).data!['latest_version']).toBe(1);
  });

  test('made at the same time are all kept', async () => {
    const mount = mounted();
    await Promise.all(Array.from({ length: 6 }, () => mount.write('keys/k/rotate', {})));
    await mount.write('keys/k', {});
    await Promise.all(Array.from({ length: 6 }, () => mount.write('keys/k/rotate', {})));
    expect((await mount.read('keys/k')).data!['latest_version']).toBe(7);
    expect(parseObject(await stored(mount, 'archive/k'))['keys']).toHaveLength(8);
  });
});

describe('a node that did not make the change', () => {
  test('sees it once it is told that the key changed', async () => {
    const storage = new InmemStorage();
    const active = mounted({ storage });
    const standby = mounted({ storage, active: false });
    await active.write('keys/k', {});
    await ciphertext(standby, 'k');
    await active.write('keys/k/rotate', {});
    const text = await ciphertext(active, 'k');
    expect(errors(await standby.write('decrypt/k', { ciphertext: text }))).toBe(
      'invalid ciphertext: version is too new',
    );
    standby.backend.invalidate!('policy/k');
    expect((await standby.write('decrypt/k', { ciphertext: text })).data).toEqual({ plaintext: hello });
  });

  test('reads a key of every kind from storage', async () => {
    const storage = new InmemStorage();
    const active = mounted({ storage });
    for (const type of ['aes256-gcm96', 'rsa-2048', 'ecdsa-p521', 'ed25519']) {
      await active.write(`keys/${type}`, { type });
      const other = mounted({ storage });
      expect((await other.read(`keys/${type}`)).data).toEqual((await active.read(`keys/${type}`)).data);
    }
  });
});

describe('a convergent key', () => {
  test('repeats itself under one context, and shares nothing with another', async () => {
    const mount = mounted();
    await mount.write('keys/k', { derived: true, convergent_encryption: true });
    const [a, again, b] = await Promise.all(
      ['YQ==', 'YQ==', 'Yg=='].map((context) => ciphertext(mount, 'k', { context })),
    );
    const nonce = (text: string): string => text.slice('vault:v1:'.length, 'vault:v1:'.length + 16);
    expect(again).toBe(a);
    expect(nonce(b!)).not.toBe(nonce(a!));
  });
});

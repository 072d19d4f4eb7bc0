import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encryptMessage } from '../core/crypto/openpgp/encrypt.ts';
import { readEntity } from '../core/crypto/openpgp/key.ts';
import { nodeCrypto } from './crypto.ts';
import { HostRandom } from './random.ts';

let home = '';
const gpg = (args: readonly string[], input?: Uint8Array): Buffer =>
  execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], {
    ...(input === undefined ? {} : { input }),
    stdio: ['pipe', 'pipe', 'ignore'],
  });

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gpg-'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const primaryOf = (user: string): string =>
  /^fpr:+([0-9A-F]+):/m.exec(gpg(['--list-keys', '--with-colons', user]).toString())![1]!;

test.each([
  ['rsa2048', 'rsa2048'],
  ['ed25519', 'cv25519'],
])('gpg reads what is encrypted to a key of %s and %s', (primary, sub) => {
  const user = `${sub}@example.com`;
  gpg(['--quick-generate-key', user, primary, 'sign', '0']);
  gpg(['--quick-add-key', primaryOf(user), sub, 'encr', '0']);
  const crypto = nodeCrypto({
    hash: () => Promise.reject(new Error('unused')),
    verify: () => Promise.reject(new Error('unused')),
  } as never);
  const random = new HostRandom();
  const entity = readEntity(gpg(['--export', user]), crypto);
  expect(entity.fingerprint.toUpperCase()).toBe(primaryOf(user));
  const message = encryptMessage(entity, new TextEncoder().encode('a share'), crypto, (length) => random.bytes(length));
  expect(gpg(['--decrypt'], message).toString()).toBe('a share');
});

/**
 * Keys that change sides: a backup of one server restored on the other, in both directions, and then ciphertexts,
 * signatures and HMACs of each read by the other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oursInProcess } from '../targets/ours.ts';
import { openTarget } from '../targets/target.ts';
import { Side, type Data } from './side.ts';

const HELLO = Buffer.from('hello').toString('base64');
const CIPHERS = ['aes128-gcm96', 'aes256-gcm96', 'chacha20-poly1305', 'xchacha20-poly1305'];
const RSA = ['rsa-2048', 'rsa-3072', 'rsa-4096'];
const ECDSA = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'];
const HASHES = ['sha1', 'sha2-224', 'sha2-256', 'sha2-384', 'sha2-512', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'];
const sides: Side[] = [];

beforeAll(async () => {
  const real = await openTarget('program:2.7.2', undefined);
  for (const target of [oursInProcess(), real]) {
    const side = new Side(target.name, await target.start('dev'));
    sides.push(side);
    await side.call('POST', 'sys/mounts/transit', { type: 'transit' });
  }
}, 60_000);
afterAll(async () => {
  for (const side of sides) await side.stop();
});

interface Made {
  readonly key: string;
  readonly extra: Data;
}

let keys = 0;

/** A key with two versions, the same on both sides; made by the first. */
async function shared(from: Side, to: Side, type: string, settings: Data = {}): Promise<Made> {
  const key = `${type}-${++keys}`;
  const extra = settings['derived'] === true ? { context: HELLO } : {};
  const body = { type, exportable: true, allow_plaintext_backup: true, ...settings };
  await from.call('POST', `transit/keys/${key}`, type === 'hmac' ? { ...body, key_size: 48 } : body);
  await from.call('POST', `transit/keys/${key}/rotate`);
  const { backup } = await from.call('GET', `transit/backup/${key}`);
  await to.call('POST', `transit/restore/${key}`, { backup });
  return { key, extra };
}

async function opensElsewhere(a: Side, b: Side, { key, extra }: Made, more: Data): Promise<void> {
  for (const version of [1, 2]) {
    const sealed = await a.call('POST', `transit/encrypt/${key}`, {
      plaintext: HELLO,
      key_version: version,
      ...extra,
      ...more,
    });
    const { ciphertext } = sealed;
    const opened = await b.call('POST', `transit/decrypt/${key}`, { ciphertext, ...extra, ...more });
    expect(opened['plaintext']).toBe(HELLO);
  }
}

async function verifiesElsewhere(a: Side, b: Side, { key, extra }: Made, options: Data): Promise<void> {
  const { signature } = await a.call('POST', `transit/sign/${key}`, { input: HELLO, ...extra, ...options });
  const body = { signature, ...extra, ...options };
  expect(await b.call('POST', `transit/verify/${key}`, { input: HELLO, ...body })).toEqual({ valid: true });
  expect(await b.call('POST', `transit/verify/${key}`, { input: 'AAAA', ...body })).toEqual({ valid: false });
}

/** Both servers make the key in turn; each checks what the other makes with it. */
async function bothWays(
  type: string,
  settings: Data,
  check: (a: Side, b: Side, made: Made) => Promise<void>,
): Promise<void> {
  const [ours, theirs] = sides as [Side, Side];
  for (const [from, to] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const made = await shared(from, to, type, settings);
    await check(from, to, made);
    await check(to, from, made);
  }
}

describe('what one encrypts the other decrypts', () => {
  const derived = { derived: true };
  const convergent = { derived: true, convergent_encryption: true };
  test.each(CIPHERS.flatMap((type) => [{}, derived, convergent].map((settings) => [type, settings] as const)))(
    '%s %j',
    async (type, settings) => {
      await bothWays(type, settings, async (a, b, made) => {
        await opensElsewhere(a, b, made, {});
        await opensElsewhere(a, b, made, { associated_data: HELLO });
      });
    },
  );

  test.each(RSA)('%s', async (type) => {
    await bothWays(type, {}, (a, b, made) => opensElsewhere(a, b, made, {}));
  });
});

describe('what one signs the other verifies', () => {
  test.each(['ed25519'])('%s, derived or not', async (type) => {
    for (const settings of [{}, { derived: true }]) {
      await bothWays(type, settings, (a, b, made) => verifiesElsewhere(a, b, made, {}));
    }
  });

  test.each(ECDSA)('%s with every hash and marshaling', async (type) => {
    await bothWays(type, {}, async (a, b, made) => {
      for (const hash_algorithm of HASHES) {
        for (const marshaling_algorithm of ['asn1', 'jws']) {
          await verifiesElsewhere(a, b, made, { hash_algorithm, marshaling_algorithm });
        }
      }
    });
  });

  test.each(RSA)('%s with every hash, padding and salt', async (type) => {
    await bothWays(type, {}, async (a, b, made) => {
      for (const hash_algorithm of HASHES) {
        await verifiesElsewhere(a, b, made, { hash_algorithm, signature_algorithm: 'pkcs1v15' });
        for (const salt_length of ['auto', 'hash', '20']) {
          await verifiesElsewhere(a, b, made, { hash_algorithm, signature_algorithm: 'pss', salt_length });
        }
      }
    });
  });
});

test('both give the same HMAC', async () => {
  for (const type of ['hmac', 'aes256-gcm96', 'ed25519']) {
    await bothWays(type, {}, async (a, b, { key }) => {
      for (const algorithm of HASHES) {
        const [one, other] = await Promise.all(
          [a, b].map((side) => side.call('POST', `transit/hmac/${key}`, { input: HELLO, algorithm })),
        );
        expect(one).toEqual(other);
      }
    });
  }
});

test.each([...CIPHERS, 'hmac', 'ed25519', ...ECDSA, 'rsa-2048'])(
  '%s travels wrapped for the other, and the other way round',
  async (type) => {
    const [ours, theirs] = sides as [Side, Side];
    for (const [from, to] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const key = `wrapped-${type}-${from.name.replace(/\W/g, '')}`;
      const body = { type, exportable: true };
      await from.call('POST', `transit/keys/${key}`, type === 'hmac' ? { ...body, key_size: 48 } : body);
      const { public_key } = await to.call('GET', 'transit/wrapping_key');
      const wrapping = `${key}-wrapping`;
      await from.call('POST', `transit/keys/${wrapping}/import`, { type: 'rsa-4096', public_key });
      const { keys } = (await from.call('GET', `transit/byok-export/${wrapping}/${key}`)) as { keys: Data };
      await to.call('POST', `transit/keys/${key}/import`, { type, ciphertext: keys['1'] });
      const made = { key, extra: {} };
      if (CIPHERS.includes(type)) {
        const { ciphertext } = await from.call('POST', `transit/encrypt/${key}`, { plaintext: HELLO });
        expect(await to.call('POST', `transit/decrypt/${key}`, { ciphertext })).toEqual({ plaintext: HELLO });
      } else if (type !== 'hmac') await verifiesElsewhere(from, to, made, {});
    }
  },
);

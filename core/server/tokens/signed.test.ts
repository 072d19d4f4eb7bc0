import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { bareToken, isSigned, TokenSigning } from './signed.ts';

const KEY = '9152687a-60ae-9cb9-c97c-90df76059699';
/** Made by 2.7.2 with that key, at index 75. */
const REAL = 'hvs.CAESIAQQcgi68icoyuCxXtPeQnIV6J_wARdHWONLceCTR6ShGiMKHGh2cy4zOFVMVGd6b1p5NzUzV3BXaFBnNXQwWVCSAwI3NQ';
const INNER = 'hvs.38ULTgzoZy753WpWhPg5t0YP';

async function signing(applied: number | undefined, signs = true): Promise<TokenSigning> {
  const barrier = new InmemStorage();
  await barrier.put('core/index-header-hmac-key', encodeUtf8(KEY));
  const reached = (value: string): boolean => /^\d+$/.test(value) && Number(value) <= applied!;
  const state = { clusterId: 'c', value: String(applied), behind: () => false, reached };
  return new TokenSigning({
    barrier,
    crypto: portableCrypto(),
    index: () => (applied === undefined ? undefined : state),
    signs,
  });
}

test('a token is signed byte for byte as OpenBao 2.7.2 signs it', async () => {
  expect(await (await signing(75)).sign(INNER, ['default'])).toBe(REAL);
});

test('a signed token is opened once its index has been reached', async () => {
  expect(await (await signing(75)).open(REAL)).toBe(INNER);
  expect(await (await signing(74)).open(REAL)).toBeUndefined();
  expect(await (await signing(undefined)).open(REAL)).toBe(INNER);
});

test('root tokens, those of the user and all of a server that does not sign stay as they are', async () => {
  const on = await signing(1);
  expect(await on.sign(INNER, ['root'])).toBe(INNER);
  expect(await on.sign('mine', ['default'])).toBe('mine');
  expect(await (await signing(1, false)).sign(INNER, ['default'])).toBe(INNER);
});

describe('what is looked at', () => {
  test.each([
    ['as long as a token with its namespace', `hvs.${'a'.repeat(31)}`, false],
    ['one longer', `hvs.${'a'.repeat(32)}`, true],
    ['no base64', `hvs.${'a'.repeat(33)}`, false],
    ['another prefix', `hvb.${'a'.repeat(32)}`, false],
  ])('%s', (_, token, signed) => {
    expect(isSigned(token)).toBe(signed);
    expect(bareToken(token)).toBe(signed ? undefined : token);
  });
});

property.prop([fc.nat({ max: 75 }), fc.integer({ min: 1, max: 255 })])(
  'no byte of a signed token can be another',
  async (place, change) => {
    const bytes = Uint8Array.from(decodeBase64RawUrl(REAL.slice(4)));
    const at = place % bytes.length;
    // The version is not looked at, and no part of what is signed.
    fc.pre(at > 1);
    bytes[at] = bytes[at]! ^ change;
    expect(await (await signing(100)).open(`hvs.${encodeBase64RawUrl(bytes)}`)).toBeUndefined();
  },
);

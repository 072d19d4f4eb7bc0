import { describe, expect, it } from 'vitest';
import { encodeBase64, encodeBase64RawUrl, encodeBase64Url } from '../../codec/base64.ts';
import { encodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { StaticWrapper, type StaticSealSettings } from './static-wrapper.ts';

const key = new Uint8Array(32).fill(0xff);
const other = encodeHex(new Uint8Array(32).fill(1));
const make = (settings: StaticSealSettings) => new StaticWrapper(testRuntime(), settings);
const secret = encodeUtf8('secret');

describe('the static seal', () => {
  it.each([encodeHex(key), encodeBase64(key), encodeBase64RawUrl(key)])('reads the key from %s', async (currentKey) => {
    const blob = await make({ currentKey: encodeHex(key), currentKeyId: 'a' }).encrypt(secret);
    expect(await make({ currentKey, currentKeyId: 'a' }).decrypt(parseBlob(serialiseBlob(blob)))).toEqual(secret);
  });

  it('takes 32 characters as the key itself', async () => {
    const wrapper = make({ currentKey: 'x'.repeat(32), currentKeyId: 'a' });
    expect(await wrapper.decrypt(await wrapper.encrypt(secret))).toEqual(secret);
  });

  it('opens with the previous key what was sealed with it', async () => {
    const blob = await make({ currentKey: other, currentKeyId: 'old' }).encrypt(secret);
    const now = make({ currentKey: encodeHex(key), currentKeyId: 'new', previousKey: other, previousKeyId: 'old' });
    expect(await now.decrypt(blob)).toEqual(secret);
    expect((await now.encrypt(secret)).keyId).toBe('new');
  });

  it.each([
    [{ currentKeyId: 'a' }, 'missing required current key'],
    [{ currentKey: other }, 'got empty current_key_id; please specify a permanent identifier for this key'],
    [
      { currentKey: 'abcd', currentKeyId: 'a' },
      'unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded',
    ],
    [
      { currentKey: 'g'.repeat(64), currentKeyId: 'a' },
      "failed to hex decode current key: encoding/hex: invalid byte: U+0067 'g'",
    ],
    [
      { currentKey: encodeBase64Url(key), currentKeyId: 'a' },
      'failed to base64 decode current key: illegal base64 data at input byte 0',
    ],
    [
      { currentKey: other, currentKeyId: 'a', previousKey: other },
      'got empty previous_key_id with non-empty previous_key; please specify the matching key identifier',
    ],
    [
      { currentKey: other, currentKeyId: 'a', previousKeyId: 'b' },
      'got non-empty previous_key_id with empty previous_key; please specify the previous key or remove previous_key_id',
    ],
    [
      { currentKey: other, currentKeyId: 'a', previousKey: other, previousKeyId: 'b' },
      'current and previous key material match with different key identifiers',
    ],
    [
      { currentKey: other, currentKeyId: 'a', previousKey: encodeHex(key), previousKeyId: 'a' },
      'current and previous key material differs with same key identifiers',
    ],
  ])('refuses %j', (settings, message) => {
    expect(() => make(settings)).toThrow(message);
  });

  it('accepts the same key twice, and a key of another size until it is used', async () => {
    make({ currentKey: other, currentKeyId: 'a', previousKey: other, previousKeyId: 'a' });
    const odd = make({ currentKey: encodeBase64(key.subarray(1)), currentKeyId: 'a' });
    await expect(odd.encrypt(secret)).rejects.toThrow('crypto/aes: invalid key size 31');
  });
});

import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { HOUR } from '../../runtime.ts';
import { defaultRotation, Keyring, permittedRotation, type TermKey } from './keyring.ts';

const key = (term: number, fill: number): TermKey => ({
  term,
  version: 1,
  value: new Uint8Array(2).fill(fill),
  installTime: '2026-11-23T03:04:05.123456789Z',
  encryptions: 0,
});

describe('a keyring', () => {
  it('has the JSON of a real server', () => {
    const keyring = new Keyring(Uint8Array.of(1, 2, 3), [key(2, 2), { ...key(1, 1), encryptions: 7 }]);
    expect(decodeUtf8(keyring.serialise())).toBe(
      '{"MasterKey":"AQID","Keys":[' +
        '{"Term":1,"Version":1,"Value":"AQE=","InstallTime":"2026-11-23T03:04:05.123456789Z","encryptions":7},' +
        '{"Term":2,"Version":1,"Value":"AgI=","InstallTime":"2026-11-23T03:04:05.123456789Z"}],' +
        '"RotationConfig":{"Disabled":false,"MaxOperations":3865470566,"Interval":0}}',
    );
  });

  prop.prop([fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.nat(10_000), fc.boolean()])(
    'reads back what it wrote',
    (terms, hours, disabled) => {
      const rotation = permittedRotation({ disabled, maxOperations: 0, interval: hours * HOUR });
      const keyring = new Keyring(
        new Uint8Array(32).fill(1),
        terms.map((term) => key(term, term)),
        rotation,
      );
      expect(Keyring.parse(keyring.serialise())).toEqual(keyring);
      expect(keyring.activeTerm).toBe(Math.max(...terms));
    },
  );

  it('takes the same key twice, and no other for its term', () => {
    const keyring = new Keyring(new Uint8Array(32), [key(1, 1)]);
    expect(keyring.withKey(key(1, 1))).toBe(keyring);
    expect(() => keyring.withKey(key(1, 2))).toThrow('conflicting key for term 1 already installed');
  });

  it('forgets the count of a key that is no longer active', () => {
    const keyring = new Keyring(new Uint8Array(32), [key(1, 1)]).withEncryptions(5).withKey(key(2, 2));
    expect(keyring.keys.get(1)!.encryptions).toBe(0);
  });

  it('says why it cannot be read', () => {
    expect(() => Keyring.parse(encodeUtf8('{'))).toThrow('deserialization failed: ');
    expect(() => Keyring.parse(encodeUtf8('[]'))).toThrow('deserialization failed: ');
  });

  it('brings a rotation configuration into its limits', () => {
    expect(permittedRotation({ disabled: false, maxOperations: 0, interval: 0 })).toEqual(defaultRotation);
    expect(permittedRotation({ disabled: true, maxOperations: 5, interval: 5 })).toEqual({
      disabled: true,
      maxOperations: 1_000_000,
      interval: 24 * HOUR,
    });
    expect(permittedRotation({ disabled: false, maxOperations: 2 ** 40, interval: 0 }).maxOperations).toBe(
      3_865_470_566,
    );
  });
});

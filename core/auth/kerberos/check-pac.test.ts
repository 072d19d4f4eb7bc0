import { expect, test } from 'vitest';
import { ifRelevant, pacFor, validationInfo, type PacChange } from '../../../sim/services/kerberos-pac.ts';
import { KerberosRealm } from '../../../sim/services/kerberos-realm.ts';
import { decodeBase64 } from '../../codec/base64.ts';
import { readKeytab } from '../../codec/kerberos/keytab.ts';
import { drbg } from '../../crypto/drbg.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { checkPac } from './check-pac.ts';

const crypto = portableCrypto();
const realmOf = (type: number) =>
  new KerberosRealm(crypto, drbg(encodeUtf8('pac')), { realm: 'REALM', service: 'HTTP/x', type });
const keyOf = (realm: KerberosRealm) => readKeytab(decodeBase64(realm.keytab))[0]!.key;

test.each([
  [17, 15],
  [18, 16],
  [23, -138],
])('with a key of kind %i, a signature of kind %i is checked', (type, checksum) => {
  const realm = realmOf(type);
  expect(checkPac(pacFor(realm, checksum), keyOf(realm), crypto)).toBe('alice');
  expect(() => checkPac(pacFor(realm, checksum, { forged: true }), keyOf(realm), crypto)).toThrow(
    'verification failed',
  );
  expect(() => checkPac(pacFor(realm, checksum), { type, value: new Uint8Array(16) }, crypto)).toThrow(
    'verification failed',
  );
});

const bent = (place: number, to: number): Uint8Array => {
  const bytes = validationInfo();
  bytes[place] = to;
  return bytes;
};

const WRONG: Readonly<Record<string, readonly [PacChange, string]>> = {
  'without the user': [{ validation: undefined }, 'does not contain a KerbValidationInfo'],
  "without the service's signature": [{ server: undefined }, 'does not contain a ServerChecksum'],
  "without the realm's signature": [{ kdc: undefined }, 'does not contain a KDCChecksum'],
  'without the client': [{ client: undefined }, 'does not contain a ClientInfo'],
  'whose user is cut off': [{ validation: validationInfo().subarray(0, 200) }, 'EOF'],
  'whose user is of another version': [{ validation: bent(0, 2) }, 'version 1'],
  'whose user is in another order': [{ validation: bent(1, 0x20) }, 'endianness'],
  'whose user has another head': [{ validation: bent(2, 9) }, 'valid length'],
  'whose user has an odd length': [{ validation: bent(8, 1) }, 'multiple of 8'],
  'whose name is longer than its room': [{ validation: bent(236, 1) }, 'max count'],
  'whose client is cut off': [{ client: new Uint8Array(9) }, 'ClientInfo'],
  'whose client is longer than it is': [{ client: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 3, 0) }, 'ClientInfo'],
  'whose signature is cut off': [{ server: Uint8Array.of(16, 0, 0, 0, 1) }, 'checksum'],
  'whose signature is of a kind that nobody knows': [{ server: Uint8Array.of(7, 0, 0, 0) }, 'unsupported checksum'],
};

test.each(Object.entries(WRONG))('a PAC %s is refused', (_, [change, why]) => {
  const realm = realmOf(18);
  expect(() => checkPac(pacFor(realm, 16, change), keyOf(realm), crypto)).toThrow(why);
});

test.each([
  ['bob', 'bob'],
  ['ends with a zero\0', 'ends with a zero'],
  ['\u{1f600}', '\ufffd\ufffd'],
  ['', ''],
])('the account %j is read as %j', (name, read) => {
  const realm = realmOf(18);
  const change = { validation: validationInfo(name) };
  expect(checkPac(pacFor(realm, 16, change), keyOf(realm), crypto)).toBe(read);
});

test('what is no PAC is passed over', () => {
  const realm = realmOf(18);
  const bytes = Uint8Array.of(1);
  for (const authorization of [
    [],
    [{ type: 128, bytes }],
    [{ type: 1, bytes }],
    ifRelevant([]),
    ifRelevant([
      { type: 9, bytes },
      { type: 128, bytes },
    ]),
  ]) {
    expect(checkPac(authorization, keyOf(realm), crypto)).toBe('');
  }
  expect(() => checkPac(ifRelevant([{ type: 128, bytes }]), keyOf(realm), crypto)).toThrow('error reading bytes');
});

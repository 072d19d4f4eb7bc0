import { describe, expect, test } from 'vitest';
import { pacFor, validationInfo } from '../../../sim/services/kerberos-pac.ts';
import { KerberosRealm, type Shown } from '../../../sim/services/kerberos-realm.ts';
import { encodeBase64 } from '../../codec/base64.ts';
import { KERBEROS, KERBEROS_OF_WINDOWS } from '../../codec/kerberos/negotiation.ts';
import { principalOf } from '../../codec/kerberos/principal.ts';
import { encodeTicketPart, readTicketPart, type TicketPart } from '../../codec/kerberos/ticket.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { drbg } from '../../crypto/drbg.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { FakeClock } from '../../framework/testing.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import { accept, SKEW, type Acceptor } from './accept.ts';
import { keytabOf } from './config.ts';
import { Replays } from './replays.ts';

const crypto = portableCrypto();
const NOW = 1_790_000_000 * SECOND;
const at = NOW / SECOND;
const REALM = { realm: 'REALM', service: 'HTTP/bao.example' };
const realm = new KerberosRealm(crypto, drbg(encodeUtf8('realm')), REALM);
const clock = new FakeClock(NOW);

const acceptor = (change: Partial<Acceptor> = {}): Acceptor => ({
  keytab: keytabOf(realm.keytab),
  account: principalOf('HTTP/bao.example'),
  checksPac: true,
  address: '10.1.2.3',
  clock,
  crypto,
  replays: new Replays(SKEW),
  ...change,
});

const shows = (shown: Shown = {}, change: Partial<Acceptor> = {}) =>
  accept(realm.token('alice', NOW, shown), acceptor(change));

const alice = { name: 'alice', realm: 'REALM' };

test.each([16, 17, 18, 19, 20, 23])('a ticket with keys of kind %i is taken', (type) => {
  const own = new KerberosRealm(crypto, drbg(encodeUtf8('other')), { ...REALM, type });
  const taken = accept(own.token('alice/admin', NOW), acceptor({ keytab: keytabOf(own.keytab) }));
  expect(taken).toEqual({ name: 'alice/admin', realm: 'REALM' });
});

const PART: TicketPart = {
  flags: new Uint8Array(4),
  key: { type: 18, value: new Uint8Array(32) },
  realm: 'REALM',
  client: principalOf('alice'),
  authenticated: at,
  starts: at,
  ends: at,
  addresses: [{ type: 2, bytes: Uint8Array.of(10, 1, 2, 3) }],
  authorization: [],
};

const minutes = (count: number): number => at + count * 60;

const TAKEN: Readonly<Record<string, Shown>> = {
  'without a version of the key': { version: 0 },
  'for whatever service': { ticket: { service: principalOf('HTTP/elsewhere') } },
  'for tickets': { ticket: { service: principalOf('krbtgt/REALM') } },
  'that has no beginning': { part: { starts: undefined } },
  'that begins in five minutes': { part: { starts: minutes(5) } },
  'that ended five minutes ago': { part: { ends: minutes(-5) } },
  'of an authenticator of five minutes ago': { authenticator: { at: NOW - SKEW } },
  'of an authenticator in five minutes': { authenticator: { at: NOW + SKEW } },
  'for this address': { part: { addresses: [{ type: 2, bytes: Uint8Array.of(10, 1, 2, 3) }] } },
  'with data for authorization that nobody knows': { part: { authorization: [{ type: 1, bytes: Uint8Array.of(1) }] } },
  'without a negotiation': { bare: true },
  'that Windows 2000 names': { negotiation: { mechanisms: [KERBEROS_OF_WINDOWS, KERBEROS] } },
  'in a later message': { negotiation: { kind: 'goes on' } },
};

const REFUSED: Readonly<Record<string, readonly [Shown, string]>> = {
  'of a key that is older': [{ version: 2 }, 'not found in keytab'],
  'of another realm': [{ ticket: { realm: 'OTHER' } }, 'not found in keytab'],
  'that begins later': [{ part: { starts: minutes(5) + 1 } }, 'not yet valid'],
  'that is not valid yet': [{ part: { flags: Uint8Array.of(1, 0, 0, 0) } }, 'not yet valid'],
  'that has ended': [{ part: { ends: minutes(-5) - 1 } }, 'has expired'],
  'of an authenticator that is too old': [{ authenticator: { at: NOW - SKEW - 1 } }, 'clock skew'],
  'of an authenticator that is too new': [{ authenticator: { at: NOW + SKEW + 1 } }, 'clock skew'],
  'of somebody else': [{ authenticator: { client: principalOf('bob') } }, 'CName in Authenticator'],
  'for another address': [{ part: { addresses: [{ type: 2, bytes: Uint8Array.of(10, 1, 2, 4) }] } }, 'client address'],
  'without flags': [{ part: { flags: new Uint8Array(0) } }, 'without flags'],
  'whose session has a key that nobody knows': [
    { part: { key: { type: 3, value: new Uint8Array(32) } } },
    'integrity verification failed',
  ],
  'for nobody': [{ ticket: { service: { type: 1, parts: [] } } }, 'for nobody'],
  'behind another mechanism': [{ negotiation: { mechanisms: ['1.2.3', KERBEROS] } }, 'not of type KRB5'],
  'behind no mechanism': [{ negotiation: { mechanisms: [] } }, 'not of type KRB5'],
  'that does not come yet': [{ negotiation: { message: undefined } }, 'continue needed'],
  'that is none': [{ negotiation: { message: Uint8Array.of(1, 2, 3) } }, 'asn1'],
};

describe('a ticket', () => {
  test.each(Object.entries(TAKEN))('%s is taken', (_, shown) => {
    expect(shows(shown)).toEqual(alice);
  });

  test.each(Object.entries(REFUSED))('%s is refused', (_, [shown, why]) => {
    expect(() => shows(shown)).toThrow(why);
  });

  test('is good once, and a new authenticator makes it good again', () => {
    const one = acceptor();
    const token = realm.token('alice', NOW);
    expect(accept(token, one)).toEqual(alice);
    expect(() => accept(token, one)).toThrow('replay detected');
    expect(accept(realm.token('alice', NOW, { authenticator: { at: NOW + 1 } }), one)).toEqual(alice);
    expect(SKEW).toBe(5 * MINUTE);
  });

  test('with a PAC is that of the account which that names, if it is looked at', () => {
    const part = { authorization: pacFor(realm, 16, { validation: validationInfo('bob') }) };
    expect(shows({ part })).toEqual({ name: 'bob', realm: 'REALM' });
    expect(shows({ part }, { checksPac: false })).toEqual(alice);
  });

  test('with a list of addresses that is none has no such list', () => {
    const bytes = encodeTicketPart(PART);
    bytes[bytes.indexOf(0xa9) + 2] = 0;
    expect(readTicketPart(bytes).addresses).toEqual([]);
    expect(readTicketPart(encodeTicketPart(PART)).addresses).toEqual(PART.addresses);
  });

  test('needs the key of the account, which has to be whole', () => {
    const account = principalOf('HTTP/other');
    expect(() => shows({}, { account })).toThrow('Looking for "HTTP/other" realm: REALM kvno: 3 etype: 18');
    const [entry] = keytabOf(realm.keytab);
    const bent = { ...entry!, key: { type: 18, value: new Uint8Array(32) } };
    expect(() => shows({}, { keytab: [bent] })).toThrow('integrity');
    expect(shows({}, { keytab: [bent, { ...entry!, written: entry!.written + 1 }] })).toEqual(alice);
    expect(() => shows({}, { keytab: [{ ...bent, written: entry!.written + 1 }, entry!] })).toThrow('integrity');
  });

  test('for an address is for none where that is not known', () => {
    const part = { addresses: [{ type: 2, bytes: Uint8Array.of(0, 0, 0, 0) }] };
    expect(() => shows({ part }, { address: '::1' })).toThrow('client address');
  });
});

test.each(['', 'a', '!', encodeBase64(Uint8Array.of(0x60, 0)), encodeBase64(encodeUtf8('NTLMSSP\0'))])(
  '%j is no ticket',
  (token) => {
    expect(() => accept(token, acceptor())).toThrow(/asn1|empty|base64/);
  },
);

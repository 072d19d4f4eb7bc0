/** A realm of ours, with the stand-in directory for its groups: keytabs and tickets that cases show, made when they are played. */
import { randomBytes } from 'node:crypto';
import { principalOf } from '../../core/codec/kerberos/principal.ts';
import { nodeCrypto } from '../../host/crypto.ts';
import { pacFor, validationInfo } from '../../sim/services/kerberos-pac.ts';
import { KerberosRealm, type RealmPlan, type Shown } from '../../sim/services/kerberos-realm.ts';
import { startDirectory } from './directory.ts';
import type { RunningService } from './service.ts';

const PLAN: RealmPlan = { realm: 'EXAMPLE.COM', service: 'HTTP/bao.example.com' };
const MINUTE = 60;

/** What `$name` shows, by the name. */
function shownTokens(realm: KerberosRealm): Readonly<Record<string, readonly [client: string, shown?: Shown]>> {
  const seconds = Math.floor(Date.now() / 1_000);
  const part = (change: Shown['part']): Shown => ({ part: change! });
  const skewed = (minutes: number): Shown => ({ authenticator: { at: (seconds + minutes * MINUTE) * 1_000_000 } });
  return {
    alice: ['alice'],
    again: ['alice'],
    bob: ['bob'],
    carol: ['carol'],
    nobody: ['nobody'],
    admin: ['alice/admin'],
    admin2: ['alice/admin'],
    bare: ['alice', { bare: true }],
    later: ['alice', { negotiation: { kind: 'goes on' } }],
    elsewhere: ['alice', { ticket: { service: principalOf('HTTP/elsewhere') } }],
    stranger: ['alice', { authenticator: { realm: 'OTHER.COM' } }],
    expired: ['alice', part({ ends: seconds - 6 * MINUTE })],
    early: ['alice', part({ starts: seconds + 6 * MINUTE })],
    invalid: ['alice', part({ flags: Uint8Array.of(1, 0, 0, 0) })],
    slow: ['alice', skewed(-6)],
    fast: ['alice', skewed(6)],
    lent: ['alice', { authenticator: { client: principalOf('bob') } }],
    away: ['alice', part({ addresses: [{ type: 2, bytes: Uint8Array.of(10, 0, 0, 1) }] })],
    older: ['alice', { version: 2 }],
    foreign: ['alice', { ticket: { realm: 'OTHER.COM' } }],
    ntlm: ['alice', { negotiation: { mechanisms: ['1.3.6.1.4.1.311.2.2.10'] } }],
    waiting: ['alice', { negotiation: { message: undefined } }],
    windows: ['alice', part({ authorization: pacFor(realm, 16) })],
    renamed: ['alice', part({ authorization: pacFor(realm, 16, { validation: validationInfo('bob') }) })],
    forged: ['alice', part({ authorization: pacFor(realm, 16, { forged: true }) })],
    userless: ['alice', part({ authorization: pacFor(realm, 16, { validation: undefined }) })],
    userless2: ['alice', part({ authorization: pacFor(realm, 16, { validation: undefined }) })],
  };
}

export async function startKerberos(): Promise<RunningService> {
  const directory = await startDirectory();
  const crypto = nodeCrypto();
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const realm = new KerberosRealm(crypto, random, PLAN);
  const old = new KerberosRealm(crypto, random, { ...PLAN, type: 23 });
  const now = Date.now() * 1_000;
  const tokens = Object.entries(shownTokens(realm)).map(([name, [client, shown]], i) => [
    name,
    // Of each client no two are of the same moment.
    realm.token(client, now + i, shown),
  ]);
  const known = {
    keytab: realm.keytab,
    oldkeytab: old.keytab,
    rc4: old.token('alice', now + 1_000),
    ...(Object.fromEntries(tokens) as Record<string, string>),
  };
  return { ...directory, known };
}

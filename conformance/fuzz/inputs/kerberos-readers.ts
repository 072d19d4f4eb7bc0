/** What a Kerberos client shows, and keytabs. */
import { decodeBase64 } from '../../../core/codec/base64.ts';
import { DerError, DerReader } from '../../../core/codec/der-reader.ts';
import { readAuthenticator, encodeAuthenticator } from '../../../core/codec/kerberos/ap-request.ts';
import { KeytabError, readKeytab } from '../../../core/codec/kerberos/keytab.ts';
import { readMechanismToken } from '../../../core/codec/kerberos/mechanism-token.ts';
import { readNegotiation } from '../../../core/codec/kerberos/negotiation.ts';
import { PacError } from '../../../core/codec/kerberos/pac-error.ts';
import { readPac } from '../../../core/codec/kerberos/pac.ts';
import { principalOf } from '../../../core/codec/kerberos/principal.ts';
import { encodeTicketPart, readAllTyped, readTicketPart } from '../../../core/codec/kerberos/ticket.ts';
import { nodeCrypto } from '../../../host/crypto.ts';
import { pacFor } from '../../../sim/services/kerberos-pac.ts';
import { KerberosRealm } from '../../../sim/services/kerberos-realm.ts';
import { bytes, type InputReader } from './parser.ts';

const NOW = 1_790_000_000_000_000;

export function kerberosReaders(): InputReader[] {
  const realm = new KerberosRealm(nodeCrypto(), (length) => new Uint8Array(length).fill(7), {
    realm: 'REALM',
    service: 'HTTP/bao',
  });
  const shown = (kind: 'begins' | 'goes on'): Uint8Array =>
    decodeBase64(realm.token('alice', NOW, { negotiation: { kind } }));
  const bare = decodeBase64(realm.token('alice', NOW, { bare: true }));
  const client = principalOf('alice');
  const [data] = pacFor(realm, 16);
  const part = {
    flags: new Uint8Array(4),
    key: { type: 18, value: new Uint8Array(32) },
    realm: 'REALM',
    client,
    authenticated: 1,
    starts: 1,
    ends: 2,
    addresses: [{ type: 2, bytes: new Uint8Array(4) }],
    authorization: [data!],
  };
  return [
    bytes('keytab', { samples: [decodeBase64(realm.keytab)], read: readKeytab, refusals: [KeytabError] }),
    bytes('SPNEGO', { samples: [shown('begins'), shown('goes on')], read: readNegotiation, refusals: [DerError] }),
    bytes('Kerberos request', { samples: [bare], read: readMechanismToken, refusals: [DerError] }),
    bytes('Kerberos ticket', { samples: [encodeTicketPart(part)], read: readTicketPart, refusals: [DerError] }),
    bytes('Kerberos authenticator', {
      samples: [encodeAuthenticator({ realm: 'REALM', client, at: NOW })],
      read: readAuthenticator,
      refusals: [DerError],
    }),
    bytes('PAC', {
      samples: [readAllTyped(new DerReader(data!.bytes))[0]!.bytes],
      read: readPac,
      refusals: [PacError],
    }),
  ];
}

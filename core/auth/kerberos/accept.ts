/** Whether what a client shows in `Authorization: Negotiate` proves who it is (RFC 4559, RFC 4120 section 3.2.3). */
import { readAuthenticator, type ApRequest, type Authenticator } from '../../codec/kerberos/ap-request.ts';
import type { EncryptionKey } from '../../codec/kerberos/encrypted.ts';
import type { KeytabEntry } from '../../codec/kerberos/keytab.ts';
import { MESSAGE, readMechanismToken } from '../../codec/kerberos/mechanism-token.ts';
import { KERBEROS, KERBEROS_OF_WINDOWS, readNegotiation } from '../../codec/kerberos/negotiation.ts';
import { principalText, samePrincipal, type PrincipalName } from '../../codec/kerberos/principal.ts';
import { readTicketPart, type TicketPart } from '../../codec/kerberos/ticket.ts';
import { Base64Error, decodeBase64 } from '../../codec/base64.ts';
import { equalBytes } from '../../codec/bytes.ts';
import { DerError } from '../../codec/der-reader.ts';
import { PacError } from '../../codec/kerberos/pac-error.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { encryptionType } from '../../crypto/kerberos/encryption-types.ts';
import { MINUTE, SECOND, type Clock, type Micros } from '../../runtime.ts';
import { checkPac } from './check-pac.ts';
import type { Replays } from './replays.ts';

/** How far clocks may differ. */
export const SKEW: Micros = 5 * MINUTE;

/** Key usages of RFC 4120, section 7.5.1. */
const USAGE = { ticket: 2, authenticatorForTickets: 7, authenticator: 11 } as const;

export interface Acceptor {
  readonly keytab: readonly KeytabEntry[];
  /** Whose key opens tickets, whoever they say that they are for. */
  readonly account: PrincipalName;
  readonly checksPac: boolean;
  /** Of the client, without a port. */
  readonly address: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly replays: Replays;
}

export interface Identity {
  /** That the PAC has, else that of the ticket. */
  readonly name: string;
  readonly realm: string;
}

/** Why it proves nothing; the client is not told. */
export class Rejected extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Rejected';
  }
}

/** Throws Rejected. */
export function accept(token: string, acceptor: Acceptor): Identity {
  try {
    const request = requestOf(decodeBase64(token));
    const { part, authenticator, key } = opened(request, acceptor);
    const { clock, replays, checksPac, crypto } = acceptor;
    const { realm, client, at } = authenticator;
    if (replays.isReplay(request.ticket.service, client, at, clock.monotonic())) throw new Rejected('replay detected');
    const account = checksPac ? checkPac(part.authorization, key, crypto) : '';
    return { name: account || principalText(client), realm };
  } catch (error) {
    const malformed = error instanceof DerError || error instanceof Base64Error || error instanceof PacError;
    throw malformed ? new Rejected(error.message) : error;
  }
}

/** Kerberos' own message is taken without a negotiation too. */
function requestOf(bytes: Uint8Array): ApRequest {
  const { mechanisms, message } = negotiated(bytes);
  const [best] = mechanisms;
  if (best !== KERBEROS && best !== KERBEROS_OF_WINDOWS) {
    throw new Rejected('SPNEGO OID of MechToken is not of type KRB5');
  }
  if (message === undefined) throw new Rejected('SPNEGO GSS-API continue needed');
  const { message: kind, request } = readMechanismToken(message);
  if (kind !== MESSAGE.request || request === undefined) throw new Rejected('no request of Kerberos');
  return request;
}

function negotiated(bytes: Uint8Array): { mechanisms: readonly string[]; message: Uint8Array | undefined } {
  try {
    return readNegotiation(bytes);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    readMechanismToken(bytes);
    return { mechanisms: [KERBEROS], message: bytes };
  }
}

interface Opened {
  readonly part: TicketPart;
  readonly authenticator: Authenticator;
  /** Of the service. */
  readonly key: EncryptionKey;
}

function opened({ ticket, authenticator: sealed }: ApRequest, acceptor: Acceptor): Opened {
  const { clock, crypto } = acceptor;
  const key = keyFor(ticket.realm, ticket.sealed.version, ticket.sealed.type, acceptor);
  const part = readTicketPart(decrypted(key, USAGE.ticket, ticket.sealed.cipher, crypto));
  const now = clock.wall();
  checkTimes(part, now);
  checkAddresses(part, acceptor.address);
  const [service] = ticket.service.parts;
  if (service === undefined) throw new Rejected('a ticket for nobody');
  const usage = service === 'krbtgt' ? USAGE.authenticatorForTickets : USAGE.authenticator;
  const authenticator = readAuthenticator(decrypted(part.key, usage, sealed.cipher, crypto));
  if (!samePrincipal(authenticator.client, part.client)) {
    throw new Rejected('CName in Authenticator does not match that in service ticket');
  }
  if (Math.abs(now - authenticator.at) > SKEW) throw new Rejected('clock skew with client too large');
  return { part, authenticator, key };
}

/** The newest of those that fit; any version does when the ticket does not say which. */
function keyFor(realm: string, version: number, type: number, { keytab, account }: Acceptor): EncryptionKey {
  let found: KeytabEntry | undefined;
  for (const entry of keytab) {
    const fits =
      entry.realm === realm &&
      entry.key.type === type &&
      (version === 0 || entry.version === version >>> 0) &&
      samePrincipal({ type: 0, parts: entry.parts }, account);
    if (fits && (found === undefined || entry.written > found.written)) found = entry;
  }
  if (found === undefined || found.key.value.length === 0) {
    const who = `"${principalText(account)}" realm: ${realm} kvno: ${version} etype: ${type}`;
    throw new Rejected(`matching key not found in keytab. Looking for ${who}`);
  }
  return found.key;
}

function decrypted(key: EncryptionKey, usage: number, cipher: Uint8Array, crypto: Crypto): Uint8Array {
  const plain = encryptionType(crypto, key.type)?.decrypt(key.value, usage, cipher);
  if (plain === undefined) throw new Rejected('integrity verification failed');
  return plain;
}

/** From the left. */
const INVALID_FLAG = 7;

function checkTimes({ flags, starts, ends }: TicketPart, now: Micros): void {
  const first = flags[0];
  if (first === undefined) throw new Rejected('a ticket without flags');
  const invalid = (first & (0x80 >> INVALID_FLAG)) !== 0;
  if (invalid || (starts !== undefined && starts * SECOND - now > SKEW)) {
    throw new Rejected('service ticket provided is not yet valid');
  }
  if (now - ends * SECOND > SKEW) throw new Rejected('service ticket provided has expired');
}

const IPV4 = 2;

function checkAddresses({ addresses }: TicketPart, address: string): void {
  if (addresses.length === 0) return;
  const own = /^\d+\.\d+\.\d+\.\d+$/.test(address) ? Uint8Array.from(address.split('.'), Number) : undefined;
  const known = own !== undefined && addresses.some(({ type, bytes }) => type === IPV4 && equalBytes(bytes, own));
  if (!known) throw new Rejected('client address not within the list contained in the service ticket');
}

/**
 * A small realm: it knows the key of one service, gives tickets for it to whoever is named, and makes of them what a client
 * shows. Everything about a ticket can be said otherwise, so that refusals can be had too.
 */
import { encodeBase64 } from '../../core/codec/base64.ts';
import { concatBytes } from '../../core/codec/bytes.ts';
import { encodeAuthenticator, type Authenticator } from '../../core/codec/kerberos/ap-request.ts';
import { encodeMechanismToken } from '../../core/codec/kerberos/mechanism-token.ts';
import { encodeNegotiation, KERBEROS, type Negotiation } from '../../core/codec/kerberos/negotiation.ts';
import { principalOf } from '../../core/codec/kerberos/principal.ts';
import { encodeTicketPart, type Ticket, type TicketPart } from '../../core/codec/kerberos/ticket.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import { encryptionType } from '../../core/crypto/kerberos/encryption-types.ts';
import { HOUR, SECOND, type Micros } from '../../core/runtime.ts';

/** AES256 with HMAC-SHA1. */
const USUAL_TYPE = 18;
const VERSION = 3;
const USAGE = { ticket: 2, authenticatorForTickets: 7, authenticator: 11 } as const;

export interface RealmPlan {
  readonly realm: string;
  /** `HTTP/host`. */
  readonly service: string;
  /** The kind of the keys. */
  readonly type?: number;
  /** Of as many bytes as the kind wants. */
  readonly key?: Uint8Array;
}

/** What is otherwise than usual. */
export interface Shown {
  readonly part?: Partial<TicketPart>;
  readonly ticket?: Partial<Ticket>;
  /** The key's version in the ticket. */
  readonly version?: number;
  readonly authenticator?: Partial<Authenticator>;
  readonly negotiation?: Partial<Negotiation>;
  /** Without the negotiation around it. */
  readonly bare?: boolean;
}

export class KerberosRealm {
  readonly #crypto: Crypto;
  readonly #random: (length: number) => Uint8Array;
  readonly #plan: RealmPlan;
  readonly #type: number;
  readonly #key: Uint8Array;

  constructor(crypto: Crypto, random: (length: number) => Uint8Array, plan: RealmPlan) {
    this.#crypto = crypto;
    this.#random = random;
    this.#plan = plan;
    this.#type = plan.type ?? USUAL_TYPE;
    this.#key = plan.key ?? random(encryptionType(crypto, this.#type)!.keySize);
  }

  /** Of the service, in base64, as a mount is configured with. */
  get keytab(): string {
    const { realm, service } = this.#plan;
    const parts = service.split('/');
    const entry = concatBytes(
      uint16(parts.length),
      ...[realm, ...parts].flatMap((text) => [uint16(text.length), encodeUtf8(text)]),
      uint32(1),
      uint32(1_700_000_000),
      Uint8Array.of(VERSION),
      uint16(this.#type),
      uint16(this.#key.length),
      this.#key,
    );
    return encodeBase64(concatBytes(Uint8Array.of(5, 2), uint32(entry.length), entry));
  }

  /** What the client shows behind `Negotiate `: a ticket of ten hours from now on, with an authenticator of now. */
  token(client: string, now: Micros, shown: Shown = {}): string {
    const type = encryptionType(this.#crypto, this.#type)!;
    const { realm, service } = this.#plan;
    const name = principalOf(client);
    const seconds = Math.floor(now / SECOND);
    const part: TicketPart = {
      flags: new Uint8Array(4),
      key: { type: this.#type, value: this.#random(type.keySize) },
      realm,
      client: name,
      authenticated: seconds,
      starts: seconds,
      ends: seconds + (10 * HOUR) / SECOND,
      addresses: [],
      authorization: [],
      ...shown.part,
    };
    const sealed = {
      type: this.#type,
      version: shown.version ?? VERSION,
      cipher: type.encrypt(this.#key, USAGE.ticket, encodeTicketPart(part), this.#random(type.confounderSize)),
    };
    const ticket: Ticket = { realm, service: principalOf(service), sealed, ...shown.ticket };
    const own = encodeAuthenticator({ realm, client: name, at: now, ...shown.authenticator });
    const usage = ticket.service.parts[0] === 'krbtgt' ? USAGE.authenticatorForTickets : USAGE.authenticator;
    const session = encryptionType(this.#crypto, part.key.type);
    const authenticator = {
      type: part.key.type,
      version: 0,
      cipher: session?.encrypt(part.key.value, usage, own, this.#random(session.confounderSize)) ?? own,
    };
    const message = encodeMechanismToken({ ticket, authenticator });
    const whole = encodeNegotiation({ kind: 'begins', mechanisms: [KERBEROS], message, ...shown.negotiation });
    return encodeBase64(shown.bare === true ? message : whole);
  }

  /** The same with the service's key: what Windows signs. */
  checksum(bytes: Uint8Array, usage: number): Uint8Array {
    return encryptionType(this.#crypto, this.#type)!.checksum(this.#key, usage, bytes)!;
  }
}

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
const uint32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

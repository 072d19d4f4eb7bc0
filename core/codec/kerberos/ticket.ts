/** Tickets (RFC 4120, section 5.3): what everybody may read of them, and what only the service can. */
import type { DerReader } from '../der-reader.ts';
import { der, TAG } from '../der.ts';
import { APPLICATION, application, each, generalString, int32, may, must } from './application.ts';
import { readApplication, readInt32, readInt64, readText } from './application.ts';
import {
  encodeEncrypted,
  encodeKey,
  readEncrypted,
  readKey,
  type EncryptedData,
  type EncryptionKey,
} from './encrypted.ts';
import { encodePrincipal, readPrincipal, type PrincipalName } from './principal.ts';
import { kerberosTime, readKerberosTime } from './time.ts';

export interface Ticket {
  readonly realm: string;
  /** Whom it is for. */
  readonly service: PrincipalName;
  readonly sealed: EncryptedData;
}

/** Of addresses and of data for authorization: a number that says what the bytes are. */
export interface Typed {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export interface TicketPart {
  /** From the left. */
  readonly flags: Uint8Array;
  /** Of this ticket's session. */
  readonly key: EncryptionKey;
  readonly realm: string;
  readonly client: PrincipalName;
  /** Seconds since the epoch, as all times here. */
  readonly authenticated: number;
  readonly starts: number | undefined;
  readonly ends: number;
  readonly addresses: readonly Typed[];
  readonly authorization: readonly Typed[];
}

/** Of [1] in a SEQUENCE of number and bytes. */
export function readTyped(reader: DerReader): Typed {
  const inside = reader.sequence();
  return { type: readInt32(must(inside, 0)), bytes: must(inside, 1).octets() };
}

const encodeTyped = ({ type, bytes }: Typed): Uint8Array =>
  der.sequence(der.explicit(0, int32(type)), der.explicit(1, der.octets(bytes)));

export const readAllTyped = (reader: DerReader): Typed[] => each(reader, readTyped);
export const encodeAllTyped = (all: readonly Typed[]): Uint8Array => der.sequence(...all.map(encodeTyped));

const VERSION = 5;

export function readTicket(bytes: Uint8Array): Ticket {
  const inside = readApplication(APPLICATION.ticket, bytes).sequence();
  readInt64(must(inside, 0));
  return {
    realm: readText(must(inside, 1)),
    service: readPrincipal(must(inside, 2)),
    sealed: readEncrypted(must(inside, 3)),
  };
}

export const encodeTicket = ({ realm, service, sealed }: Ticket): Uint8Array =>
  application(
    APPLICATION.ticket,
    der.sequence(
      der.explicit(0, der.integer(VERSION)),
      der.explicit(1, generalString(realm)),
      der.explicit(2, encodePrincipal(service)),
      der.explicit(3, encodeEncrypted(sealed)),
    ),
  );

export function readTicketPart(bytes: Uint8Array): TicketPart {
  const inside = readApplication(APPLICATION.ticketPart, bytes).sequence();
  const flags = must(inside, 0).bitString().bytes;
  const key = readKey(must(inside, 1));
  const realm = readText(must(inside, 2));
  const client = readPrincipal(must(inside, 3));
  // Which realms it came through is not looked at.
  readTyped(must(inside, 4));
  const time = (number: number): number | undefined => {
    const given = may(inside, number, TAG.generalizedTime);
    return given && readKerberosTime(given);
  };
  const authenticated = readKerberosTime(must(inside, 5));
  const starts = time(6);
  const ends = readKerberosTime(must(inside, 7));
  time(8);
  const listed = (number: number): Typed[] => {
    const given = may(inside, number, TAG.sequence);
    return given === undefined ? [] : readAllTyped(given);
  };
  return { flags, key, realm, client, authenticated, starts, ends, addresses: listed(9), authorization: listed(10) };
}

export function encodeTicketPart(part: TicketPart): Uint8Array {
  const { flags, key, realm, client, authenticated, starts, ends, addresses, authorization } = part;
  const listed = (number: number, all: readonly Typed[]): Uint8Array[] =>
    all.length === 0 ? [] : [der.explicit(number, encodeAllTyped(all))];
  return application(
    APPLICATION.ticketPart,
    der.sequence(
      der.explicit(0, der.bits(flags)),
      der.explicit(1, encodeKey(key)),
      der.explicit(2, generalString(realm)),
      der.explicit(3, encodePrincipal(client)),
      der.explicit(4, encodeTyped({ type: 0, bytes: new Uint8Array(0) })),
      der.explicit(5, kerberosTime(authenticated)),
      ...(starts === undefined ? [] : [der.explicit(6, kerberosTime(starts))]),
      der.explicit(7, kerberosTime(ends)),
      ...listed(9, addresses),
      ...listed(10, authorization),
    ),
  );
}

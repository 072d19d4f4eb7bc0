/** What a client shows to a service (RFC 4120, section 5.5.1): the ticket, and that it knows the key of its session now. */
import { DerError } from '../der-reader.ts';
import { context, der, TAG } from '../der.ts';
import {
  APPLICATION,
  application,
  generalString,
  may,
  must,
  readApplication,
  readInt64,
  readText,
} from './application.ts';
import { encodeEncrypted, readEncrypted, readKey, type EncryptedData } from './encrypted.ts';
import { encodePrincipal, readPrincipal, type PrincipalName } from './principal.ts';
import { encodeTicket, readAllTyped, readTicket, readTyped, type Ticket } from './ticket.ts';
import { kerberosTime, readKerberosTime } from './time.ts';

export interface ApRequest {
  readonly ticket: Ticket;
  readonly authenticator: EncryptedData;
}

export interface Authenticator {
  readonly realm: string;
  readonly client: PrincipalName;
  /** Micros since the epoch, of the client's clock. */
  readonly at: number;
}

const VERSION = 5;
const AP_REQUEST = 14;
const MICROS = 1_000_000;

export function readApRequest(bytes: Uint8Array): ApRequest {
  const inside = readApplication(APPLICATION.apReq, bytes).sequence();
  readInt64(must(inside, 0));
  const type = readInt64(must(inside, 1));
  must(inside, 2).bitString();
  const ticket = inside.read(context(3, true));
  const authenticator = readEncrypted(must(inside, 4));
  if (type !== AP_REQUEST) throw new DerError('KRB_AP_ERR_MSG_TYPE Invalid msg type');
  return { ticket: readTicket(ticket), authenticator };
}

export const encodeApRequest = ({ ticket, authenticator }: ApRequest): Uint8Array =>
  application(
    APPLICATION.apReq,
    der.sequence(
      der.explicit(0, der.integer(VERSION)),
      der.explicit(1, der.integer(AP_REQUEST)),
      der.explicit(2, der.bits(new Uint8Array(4))),
      der.explicit(3, encodeTicket(ticket)),
      der.explicit(4, encodeEncrypted(authenticator)),
    ),
  );

export function readAuthenticator(bytes: Uint8Array): Authenticator {
  const inside = readApplication(APPLICATION.authenticator, bytes).sequence();
  readInt64(must(inside, 0));
  const realm = readText(must(inside, 1));
  const client = readPrincipal(must(inside, 2));
  const checksum = may(inside, 3, TAG.sequence);
  if (checksum !== undefined) readTyped(checksum);
  const micros = readInt64(must(inside, 4));
  const seconds = readKerberosTime(must(inside, 5));
  const subkey = may(inside, 6, TAG.sequence);
  if (subkey !== undefined) readKey(subkey);
  const sequence = may(inside, 7, TAG.integer);
  if (sequence !== undefined) readInt64(sequence);
  const authorization = may(inside, 8, TAG.sequence);
  if (authorization !== undefined) readAllTyped(authorization);
  return { realm, client, at: seconds * MICROS + micros };
}

export function encodeAuthenticator({ realm, client, at }: Authenticator): Uint8Array {
  const micros = at % MICROS;
  return application(
    APPLICATION.authenticator,
    der.sequence(
      der.explicit(0, der.integer(VERSION)),
      der.explicit(1, generalString(realm)),
      der.explicit(2, encodePrincipal(client)),
      der.explicit(4, der.integer(micros)),
      der.explicit(5, kerberosTime((at - micros) / MICROS)),
    ),
  );
}

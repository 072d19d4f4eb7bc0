/** Kerberos' own messages as GSS-API has them (RFC 4121, section 4.1): which mechanism, which message, the message. */
import { concatBytes } from '../bytes.ts';
import { DerError } from '../der-reader.ts';
import { der } from '../der.ts';
import { application, readApplication } from './application.ts';
import { encodeApRequest, readApRequest, type ApRequest } from './ap-request.ts';
import { KERBEROS } from './negotiation.ts';

export const MESSAGE = { request: 0x0100, reply: 0x0200, error: 0x0300 } as const;

export interface MechanismToken {
  /** One of `MESSAGE`, or a number that nobody knows. */
  readonly message: number;
  /** Of a request. */
  readonly request: ApRequest | undefined;
}

export function readMechanismToken(bytes: Uint8Array): MechanismToken {
  const inside = readApplication(0, bytes);
  const name = inside.oid();
  if (name !== KERBEROS) throw new DerError(`error unmarshalling KRB5Token, OID is ${name} not ${KERBEROS}`);
  const rest = inside.rest();
  if (rest.length < 2) throw new DerError('krb5token too short');
  const message = rest[0]! * 256 + rest[1]!;
  return { message, request: message === MESSAGE.request ? readApRequest(rest.subarray(2)) : undefined };
}

export const encodeMechanismToken = (request: ApRequest): Uint8Array =>
  application(0, concatBytes(der.oid(KERBEROS), Uint8Array.of(1, 0), encodeApRequest(request)));

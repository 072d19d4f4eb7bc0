/** SPNEGO (RFC 4178): which mechanism both sides will use, and its first message with it. */
import { DerError, DerReader } from '../der-reader.ts';
import { der, TAG } from '../der.ts';
import { application, each, may, must, readApplication } from './application.ts';

const SPNEGO = '1.3.6.1.5.5.2';
export const KERBEROS = '1.2.840.113554.1.2.2';
/** What Windows 2000 called it by mistake. */
export const KERBEROS_OF_WINDOWS = '1.2.840.48018.1.2.2';

/** What a client begins with, or goes on with. */
export interface Negotiation {
  readonly kind: 'begins' | 'goes on';
  /** Best first; one, or none, of who goes on. */
  readonly mechanisms: readonly string[];
  /** The message of the mechanism. */
  readonly message: Uint8Array | undefined;
}

const GOES_ON = 0xa1;

export function readNegotiation(bytes: Uint8Array): Negotiation {
  if (bytes.length === 0) throw new DerError('provided byte array is empty');
  if (bytes[0] === GOES_ON) return readChoice(new DerReader(bytes));
  const inside = readApplication(0, bytes);
  const oid = inside.oid();
  if (oid !== SPNEGO) throw new DerError(`OID ${oid} does not match SPNEGO OID ${SPNEGO}`);
  return readChoice(inside);
}

/** Whatever class the tag is of. */
function readChoice(reader: DerReader): Negotiation {
  const { tag, contents } = reader.any();
  const inside = new DerReader(contents).sequence();
  const number = tag & 0x1f;
  if (number === 0) {
    const mechanisms = each(must(inside, 0), (one) => one.oid());
    may(inside, 1, TAG.bits)?.bitString();
    return { kind: 'begins', mechanisms, message: readRest(inside) };
  }
  if (number !== 1) throw new DerError('unknown choice type for NegotiationToken');
  must(inside, 0).read(TAG.enumerated);
  const mechanism = may(inside, 1, TAG.oid)?.oid();
  return { kind: 'goes on', mechanisms: mechanism === undefined ? [] : [mechanism], message: readRest(inside) };
}

/** The mechanism's message, and what protects the list. */
function readRest(inside: DerReader): Uint8Array | undefined {
  const message = may(inside, 2, TAG.octets)?.octets();
  may(inside, 3, TAG.octets)?.octets();
  return message;
}

export function encodeNegotiation({ kind, mechanisms, message }: Negotiation): Uint8Array {
  const rest = message === undefined ? [] : [der.explicit(2, der.octets(message))];
  if (kind === 'goes on') {
    const mechanism = mechanisms.map((one) => der.explicit(1, der.oid(one)));
    return der.explicit(1, der.sequence(der.explicit(0, der.enumerated(1)), ...mechanism, ...rest));
  }
  const list = der.explicit(0, der.sequence(...mechanisms.map(der.oid)));
  return application(0, der.oid(SPNEGO), der.explicit(0, der.sequence(list, ...rest)));
}

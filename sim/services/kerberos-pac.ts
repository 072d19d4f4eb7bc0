/** What a Windows realm would add to tickets (MS-PAC), as small as it can be: one user with a name, two groups and a domain. */
import { concatBytes } from '../../core/codec/bytes.ts';
import { encodeAllTyped, type Typed } from '../../core/codec/kerberos/ticket.ts';
import type { KerberosRealm } from './kerberos-realm.ts';

const KIND = { validation: 1, server: 6, kdc: 7, client: 10 } as const;
type Kind = keyof typeof KIND;

/** KERB_NON_KERB_CKSUM_SALT. */
const USAGE = 17;

/** What is otherwise than usual: bytes of a part, or undefined for none. */
export type PacChange = Partial<Record<Kind, Uint8Array | undefined>> & {
  /** The checksum is over something else. */
  readonly forged?: boolean;
};

const short = (value: number): Uint8Array => Uint8Array.of(value, value >> 8);
const long = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >>> 24);
const longs = (...values: readonly number[]): Uint8Array => concatBytes(...values.map(long));
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const wide = (text: string): Uint8Array =>
  concatBytes(...Array.from({ length: text.length }, (_, i) => short(text.charCodeAt(i))));

/** KERB_VALIDATION_INFO in NDR; what is pointed to comes behind. */
export function validationInfo(name = 'alice'): Uint8Array {
  const size = short(name.length * 2);
  const texts = concatBytes(size, size, long(1), zeros(5 * 8));
  const fixed = concatBytes(
    zeros(12 * 4),
    texts,
    zeros(4),
    longs(1104, 513, 2),
    long(2),
    longs(32),
    zeros(16),
    zeros(2 * 8),
    long(3),
    zeros(11 * 4),
    zeros(4),
    zeros(4),
    zeros(2 * 4),
  );
  const pointed = concatBytes(
    concatBytes(longs(name.length, 0, name.length), wide(name), zeros((name.length % 2) * 2)),
    longs(2, 513, 7, 1105, 7),
    concatBytes(long(4), Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 5), longs(21, 1, 2, 3)),
  );
  const body = concatBytes(long(0x20000), fixed, pointed);
  const padded = concatBytes(body, zeros((8 - (body.length % 8)) % 8));
  const head = Uint8Array.of(1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc);
  return concatBytes(head, longs(padded.length, 0), padded);
}

/** As data for authorization, signed with the key of the realm's service. */
export function pacFor(realm: KerberosRealm, checksumId: number, change: PacChange = {}): Typed[] {
  const size = checksumId === -138 ? 16 : 12;
  const usual: Record<Kind, Uint8Array> = {
    validation: validationInfo(),
    client: concatBytes(zeros(8), short(10), wide('alice')),
    server: concatBytes(long(checksumId), zeros(size)),
    kdc: concatBytes(long(checksumId), zeros(size)),
  };
  const parts = (Object.keys(usual) as Kind[]).flatMap((kind) => {
    const bytes = kind in change ? change[kind] : usual[kind];
    return bytes === undefined ? [] : [{ kind, bytes }];
  });
  let at = 8 + 16 * parts.length;
  const placed = parts.map((part) => {
    const here = at;
    at += Math.ceil(part.bytes.length / 8) * 8;
    return { ...part, at: here };
  });
  const whole = zeros(at);
  whole.set(longs(parts.length, 0));
  for (const [i, { kind, bytes, at: from }] of placed.entries()) {
    whole.set(longs(KIND[kind], bytes.length, from, 0), 8 + 16 * i);
    whole.set(bytes, from);
  }
  const server = placed.find(({ kind }) => kind === 'server');
  if (server !== undefined && !('server' in change)) {
    whole.set(realm.checksum(change.forged === true ? zeros(3) : whole, USAGE).subarray(0, size), server.at + 4);
  }
  return ifRelevant([{ type: 128, bytes: whole }]);
}

/** What only matters to who knows it. */
export const ifRelevant = (inside: readonly Typed[]): Typed[] => [{ type: 1, bytes: encodeAllTyped(inside) }];

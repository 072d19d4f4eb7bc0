/** Public keys of OpenPGP: which of them messages are encrypted to, and fingerprints (RFC 4880, sections 5.5 and 12.2). */
import { concatBytes } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import type { Crypto } from '../crypto.ts';
import type { Packet } from './packets.ts';
import { newLength, OpenPgpError, readPackets } from './packets.ts';

export type KeyMaterial =
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | {
      /** Curve25519, RFC 6637 with the point's 0x40 in front. */
      readonly kind: 'x25519';
      readonly point: Uint8Array;
      readonly hash: number;
      readonly cipher: number;
    }
  | { readonly kind: 'other' };

export interface PublicKey {
  readonly fingerprint: Uint8Array;
  readonly material: KeyMaterial;
}

export interface Entity {
  /** Of the primary key, lower-case hex. */
  readonly fingerprint: string;
  /** Undefined: nothing can be encrypted to it. */
  readonly encryption: PublicKey | undefined;
}

const TAG = { signature: 2, publicKey: 6, userId: 13, publicSubkey: 14, userAttribute: 17 } as const;
const MAY_ENCRYPT = 0x0c;

interface Candidate {
  readonly key: PublicKey;
  readonly primary: boolean;
  flags: number | undefined;
  revoked: boolean;
}

/** The first key of what `gpg --export` gives. Throws OpenPgpError. */
export function readEntity(bytes: Uint8Array, crypto: Pick<Crypto, 'hash'>): Entity {
  const packets = readPackets(bytes);
  if (packets[0]?.tag !== TAG.publicKey) {
    throw new OpenPgpError('openpgp: invalid data: first packet was not a public/private key');
  }
  const candidates: Candidate[] = [];
  let named = false;
  for (const packet of packets) {
    if (packet.tag === TAG.publicKey && candidates.length > 0) break;
    if (packet.tag === TAG.publicKey || packet.tag === TAG.publicSubkey) {
      const primary = packet.tag === TAG.publicKey;
      candidates.push({ key: publicKey(packet, crypto), primary, flags: undefined, revoked: false });
    } else if (packet.tag === TAG.userId) named = true;
    else if (packet.tag === TAG.signature) signed(packet.body, candidates.at(-1)!);
  }
  if (!named) throw new OpenPgpError('openpgp: invalid data: v4 entity without any identities');
  const usable = candidates.filter(
    ({ key, flags = 0, revoked }) => !revoked && (flags & MAY_ENCRYPT) !== 0 && key.material.kind !== 'other',
  );
  // Subkeys come before the primary key, later ones before earlier ones.
  const chosen = usable.filter(({ primary }) => !primary).at(-1) ?? usable[0];
  return { fingerprint: encodeHex(candidates[0]!.key.fingerprint), encryption: chosen?.key };
}

function publicKey({ body }: Packet, crypto: Pick<Crypto, 'hash'>): PublicKey {
  if (body[0] !== 4) throw new OpenPgpError(`openpgp: unsupported feature: public key version`);
  const head = Uint8Array.of(0x99, body.length >> 8, body.length & 255);
  return { fingerprint: crypto.hash('sha1', head, body), material: material(body) };
}

const RSA = new Set([1, 2]);
const ECDH = 18;
const curve25519 = '2b060104019755010501';

function material(body: Uint8Array): KeyMaterial {
  const algorithm = body[5]!;
  if (RSA.has(algorithm)) {
    const modulus = integer(body, 6);
    return { kind: 'rsa', modulus: modulus.value, exponent: integer(body, modulus.end).value };
  }
  if (algorithm !== ECDH) return { kind: 'other' };
  const end = 7 + body[6]!;
  if (encodeHex(body.subarray(7, end)) !== curve25519) return { kind: 'other' };
  const point = integer(body, end);
  return { kind: 'x25519', point: point.value.subarray(1), hash: body[point.end + 2]!, cipher: body[point.end + 3]! };
}

/** A number with its length in bits before it. */
function integer(bytes: Uint8Array, at: number): { value: Uint8Array; end: number } {
  const end = at + 2 + ((((bytes[at]! << 8) | bytes[at + 1]!) + 7) >> 3);
  if (end > bytes.length) throw new OpenPgpError('unexpected EOF');
  return { value: bytes.subarray(at + 2, end), end };
}

const SUBKEY_REVOCATION = 0x28;

/** What a signature says of the key before it: its purposes, or its end. */
function signed(body: Uint8Array, candidate: Candidate): void {
  if (body[0] !== 4) return;
  const type = body[1]!;
  if (type === SUBKEY_REVOCATION) candidate.revoked = true;
  if (type !== 0x18 && (type < 0x10 || type > 0x13)) return;
  const end = 6 + ((body[4]! << 8) | body[5]!);
  for (let at = 6; at < end;) {
    const { length, size } = newLength(body, at);
    if ((body[at + size]! & 0x7f) === 27) candidate.flags = body[at + size + 1]!;
    at += size + length;
  }
}

/** The last eight bytes of the fingerprint. */
export const keyId = (key: PublicKey): Uint8Array => key.fingerprint.subarray(12);

/** For the key derivation of ECDH: RFC 6637, section 8. */
export const ecdhParameters = (key: PublicKey, hash: number, cipher: number): Uint8Array =>
  concatBytes(
    Uint8Array.of(10),
    Uint8Array.from(curve25519.match(/../g)!, (pair) => Number.parseInt(pair, 16)),
    Uint8Array.of(ECDH, 3, 1, hash, cipher),
    Uint8Array.from('Anonymous Sender    ', (character) => character.charCodeAt(0)),
    key.fingerprint,
  );

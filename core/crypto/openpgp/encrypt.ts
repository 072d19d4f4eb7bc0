/** Messages of OpenPGP for one public key: a session key, and AES-256 in CFB with a digest (RFC 4880, sections 5.1, 5.13). */
import { x25519 } from '@noble/curves/ed25519.js';
import { concatBytes, withoutLeadingZeros } from '../../codec/bytes.ts';
import { decodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto, HashName } from '../crypto.ts';
import { rsaEncrypt } from '../rsa.ts';
import type { Entity } from './key.ts';
import type { PublicKey } from './public-key.ts';
import { ALGORITHM, CURVE25519, keyId } from './public-key.ts';
import { OpenPgpError, writePacket } from './packets.ts';

const AES_256 = 9;
const TAG = { sessionKey: 1, encrypted: 18, literal: 11 } as const;

/** `random` gives the session key and all padding. Throws OpenPgpError when the key is for signing only. */
export function encryptMessage(
  entity: Entity,
  plaintext: Uint8Array,
  crypto: Pick<Crypto, 'hash' | 'wrapBlocks' | 'cfbEncrypt'>,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const key = entity.encryption;
  if (key === undefined) {
    const id = entity.fingerprint.slice(-16);
    throw new OpenPgpError(
      `openpgp: invalid argument: cannot encrypt a message to key id ${id} because it has no valid encryption keys`,
    );
  }
  const session = random(32);
  return concatBytes(
    sessionKeyPacket(key, session, crypto, random),
    encryptedPacket(plaintext, session, crypto, random),
  );
}

function sessionKeyPacket(
  key: PublicKey,
  session: Uint8Array,
  crypto: Pick<Crypto, 'hash' | 'wrapBlocks' | 'cfbEncrypt'>,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const checksum = session.reduce((sum, byte) => (sum + byte) & 0xffff, 0);
  const message = concatBytes(Uint8Array.of(AES_256), session, Uint8Array.of(checksum >> 8, checksum & 255));
  const { material } = key;
  if (material.kind === 'rsa') {
    const encrypted = rsaEncrypt(material.modulus, material.exponent, message, random);
    return writePacket(TAG.sessionKey, Uint8Array.of(3), keyId(key), Uint8Array.of(1), integer(encrypted));
  }
  if (material.kind !== 'x25519') throw new OpenPgpError('openpgp: unsupported feature: public key algorithm');
  const secret = random(32);
  const ephemeral = concatBytes(Uint8Array.of(0x40), x25519.getPublicKey(secret));
  const shared = x25519.getSharedSecret(secret, material.point);
  const parameters = ecdhParameters(key, material.hash, material.cipher);
  const derived = crypto.hash(hashOf(material.hash), Uint8Array.of(0, 0, 0, 1), shared, parameters);
  const wrapped = crypto.wrapBlocks(derived.subarray(0, wrapLength(material.cipher)), padded(message));
  const body = [integer(ephemeral), Uint8Array.of(wrapped.length), wrapped];
  return writePacket(TAG.sessionKey, Uint8Array.of(3), keyId(key), Uint8Array.of(18), ...body);
}

function encryptedPacket(
  plaintext: Uint8Array,
  session: Uint8Array,
  crypto: Pick<Crypto, 'hash' | 'wrapBlocks' | 'cfbEncrypt'>,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const noise = random(16);
  // Format 'u' for UTF-8, no name, no date, as upstream writes them.
  const literal = writePacket(TAG.literal, Uint8Array.of(0x75, 0, 0, 0, 0, 0), plaintext);
  const text = concatBytes(noise, noise.subarray(14), literal, Uint8Array.of(0xd3, 0x14));
  const whole = concatBytes(text, crypto.hash('sha1', text));
  return writePacket(TAG.encrypted, Uint8Array.of(1), crypto.cfbEncrypt(session, whole));
}

/** With its length in bits before it. */
function integer(value: Uint8Array): Uint8Array {
  const trimmed = withoutLeadingZeros(value);
  const bits = trimmed.length === 0 ? 0 : trimmed.length * 8 - Math.clz32(trimmed[0]!) + 24;
  return concatBytes(Uint8Array.of(bits >> 8, bits & 255), trimmed);
}

/** To whole blocks of eight, each byte the number of bytes added. */
function padded(message: Uint8Array): Uint8Array {
  const more = 8 - (message.length % 8);
  return concatBytes(message, new Uint8Array(more).fill(more));
}

const hashes: Readonly<Record<number, HashName>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const ciphers: Readonly<Record<number, number>> = { 7: 16, 8: 24, 9: 32 };

function hashOf(id: number): HashName {
  const name = hashes[id];
  if (name === undefined) throw new OpenPgpError(`openpgp: unsupported feature: hash ${id}`);
  return name;
}

function wrapLength(id: number): number {
  const length = ciphers[id];
  if (length === undefined) throw new OpenPgpError(`openpgp: unsupported feature: cipher ${id}`);
  return length;
}

/** For the key derivation of ECDH: RFC 6637, section 8. */
export const ecdhParameters = (key: PublicKey, hash: number, cipher: number): Uint8Array =>
  concatBytes(
    Uint8Array.of(CURVE25519.length / 2),
    decodeHex(CURVE25519),
    Uint8Array.of(ALGORITHM.ecdh, 3, 1, hash, cipher),
    encodeUtf8('Anonymous Sender    '),
    key.fingerprint,
  );

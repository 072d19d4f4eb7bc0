import { aeskw, cfb } from '@noble/ciphers/aes.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { concatBytes } from '../../codec/bytes.ts';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { RsaKey } from '../crypto.ts';
import { drbg } from '../drbg.ts';
import { portableCrypto } from '../portable.ts';
import { encryptMessage } from './encrypt.ts';
import { ecdhParameters, readEntity } from './key.ts';
import { OpenPgpError, readPackets, writePacket } from './packets.ts';

const crypto = portableCrypto();
const random = drbg(Uint8Array.of(9));

const integer = (value: Uint8Array): Uint8Array => {
  const bits = value.length * 8 - Math.clz32(value[0]!) + 24;
  return concatBytes(Uint8Array.of(bits >> 8, bits & 255), value);
};

const userId = writePacket(13, encodeUtf8('a@b'));
/** Type, flags; nobody checks the signature itself. */
const signature = (type: number, flags: number): Uint8Array =>
  writePacket(2, Uint8Array.of(4, type, 1, 8, 0, 3, 2, 27, flags, 0, 0, 0, 0));

const rsaBody = (key: RsaKey): Uint8Array =>
  concatBytes(Uint8Array.of(4, 0, 0, 0, 0, 1), integer(key.modulus), integer(decodeHex('010001')));

const ecdhBody = (point: Uint8Array): Uint8Array =>
  concatBytes(
    Uint8Array.of(4, 0, 0, 0, 0, 18, 10),
    decodeHex('2b060104019755010501'),
    integer(concatBytes(Uint8Array.of(0x40), point)),
    Uint8Array.of(3, 1, 8, 9),
  );

const signOnly = writePacket(6, concatBytes(Uint8Array.of(4, 0, 0, 0, 0, 22), new Uint8Array(10)));

/** What the holder of the session key reads. */
function opened(packet: Uint8Array, session: Uint8Array): string {
  const whole = cfb(session, new Uint8Array(16)).decrypt(packet.subarray(1));
  const digest = crypto.hash('sha1', whole.subarray(0, -20));
  expect(encodeHex(whole.subarray(-20))).toBe(encodeHex(digest));
  const [literal] = readPackets(whole.subarray(18, -22));
  expect(literal?.tag).toBe(11);
  return decodeUtf8(literal!.body.subarray(6));
}

const big = (bytes: Uint8Array): bigint => BigInt(`0x${encodeHex(bytes)}`);

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
  }
  return result;
}

test('the holder of an RSA key reads the message', async () => {
  const key = await crypto.rsaGenerate(2048, random);
  const entity = readEntity(concatBytes(writePacket(6, rsaBody(key)), userId, signature(0x13, 0x0f)), crypto);
  const [wrapped, message] = readPackets(encryptMessage(entity, encodeUtf8('a share'), crypto, random));
  expect(encodeHex(wrapped!.body.subarray(1, 9))).toBe(entity.fingerprint.slice(-16));
  const block = power(big(wrapped!.body.subarray(12)), big(key.d), big(key.modulus)).toString(16);
  const session = block.slice(-70, -4);
  expect(session.slice(0, 2)).toBe('09');
  expect(opened(message!.body, decodeHex(session.slice(2)))).toBe('a share');
});

test('the holder of a Curve25519 subkey reads the message, and a key for signing is passed over', () => {
  const secret = random(32);
  const subkey = writePacket(14, ecdhBody(x25519.getPublicKey(secret)));
  const key = concatBytes(signOnly, userId, signature(0x13, 3), subkey, signature(0x18, 0x0c));
  const entity = readEntity(key, crypto);
  const [wrapped, message] = readPackets(encryptMessage(entity, encodeUtf8('a token'), crypto, random));
  const body = wrapped!.body;
  const shared = x25519.getSharedSecret(secret, body.subarray(13, 45));
  const parameters = ecdhParameters(entity.encryption!, 8, 9);
  const derived = crypto.hash('sha256', Uint8Array.of(0, 0, 0, 1), shared, parameters);
  const session = aeskw(derived).decrypt(body.subarray(46)).subarray(1, 33);
  expect(opened(message!.body, session)).toBe('a token');
});

test('what is no key, is cut, has no name or cannot be encrypted to is refused in upstream’s words', () => {
  const key = concatBytes(signOnly, userId, signature(0x13, 3));
  const refusals: [Uint8Array, string][] = [
    [new Uint8Array(0), 'EOF'],
    [encodeUtf8('hello'), 'openpgp: invalid data: tag byte does not have MSB set'],
    [key.subarray(0, 10), 'unexpected EOF'],
    [signOnly, 'openpgp: invalid data: v4 entity without any identities'],
  ];
  for (const [bytes, text] of refusals) expect(() => readEntity(bytes, crypto)).toThrow(new OpenPgpError(text));
  const entity = readEntity(key, crypto);
  expect(() => encryptMessage(entity, new Uint8Array(1), crypto, random)).toThrow(
    `cannot encrypt a message to key id ${entity.fingerprint.slice(-16)} because it has no valid encryption keys`,
  );
});

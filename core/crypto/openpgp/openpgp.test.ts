import { aeskw, cfb } from '@noble/ciphers/aes.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { concatBytes, withoutLeadingZeros } from '../../codec/bytes.ts';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { RsaKey } from '../crypto.ts';
import { drbg } from '../drbg.ts';
import { portableCrypto } from '../portable.ts';
import { ecdhParameters, encryptMessage } from './encrypt.ts';
import { readEntity } from './key.ts';
import { OpenPgpError, Packets, writePacket } from './packets.ts';

const crypto = portableCrypto();
const random = drbg(Uint8Array.of(9));

const integer = (value: Uint8Array): Uint8Array => {
  const trimmed = withoutLeadingZeros(value);
  const bits = trimmed.length * 8 - Math.clz32(trimmed[0]!) + 24;
  return concatBytes(Uint8Array.of(bits >> 8, bits & 255), trimmed);
};

const NAME = encodeUtf8('a@b');
const userId = writePacket(13, NAME);

const rsaBody = (key: RsaKey): Uint8Array =>
  concatBytes(Uint8Array.of(4, 0, 0, 0, 0, 1), integer(key.modulus), integer(decodeHex('010001')));

const ecdhBody = (point: Uint8Array): Uint8Array =>
  concatBytes(
    Uint8Array.of(4, 0, 0, 0, 0, 18, 10),
    decodeHex('2b060104019755010501'),
    integer(concatBytes(Uint8Array.of(0x40), point)),
    Uint8Array.of(3, 1, 8, 9),
  );

const seed = random(32);
const edBody = concatBytes(
  Uint8Array.of(4, 0, 0, 0, 0, 22, 9),
  decodeHex('2b06010401da470f01'),
  integer(concatBytes(Uint8Array.of(0x40), crypto.ed25519Public(seed))),
);
const primary = writePacket(6, edBody);

const hashedKey = (body: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x99, body.length >> 8, body.length & 255), body);
const hashedName = concatBytes(Uint8Array.of(0xb4, 0, 0, 0, NAME.length), NAME);

/** What `signer` says of `message`: a type, flags and when, with numbers that `sign` makes of the digest. */
function signature(
  type: number,
  flags: number,
  signer: Uint8Array,
  message: Uint8Array,
  sign: (digest: Uint8Array) => readonly Uint8Array[],
  created = 1,
): Uint8Array {
  const fingerprint = crypto.hash('sha1', hashedKey(signer));
  const hashed = concatBytes(Uint8Array.of(5, 2, 0, 0, 0, created, 2, 27, flags, 22, 33, 4), fingerprint);
  const head = concatBytes(Uint8Array.of(4, type, signer[5]!, 8, 0, hashed.length), hashed);
  const trailer = Uint8Array.of(4, 0xff, 0, 0, 0, head.length);
  const digest = crypto.hash('sha256', hashedKey(signer), message, head, trailer);
  return writePacket(2, head, Uint8Array.of(0, 0, digest[0]!, digest[1]!), ...sign(digest).map(integer));
}

const byEd25519 = (digest: Uint8Array): readonly Uint8Array[] => {
  const whole = crypto.ed25519Sign(seed, digest);
  return [whole.subarray(0, 32), whole.subarray(32)];
};
const ofName = (flags: number): Uint8Array => signature(0x13, flags, edBody, hashedName, byEd25519);
const ofSubkey = (body: Uint8Array, created: number, type = 0x18): Uint8Array =>
  signature(type, 0x0c, edBody, hashedKey(body), byEd25519, created);

const packetsOf = (bytes: Uint8Array): { tag: number; body: Uint8Array }[] => {
  const packets = new Packets(bytes);
  const all: { tag: number; body: Uint8Array }[] = [];
  for (let packet = packets.next(); packet !== undefined; packet = packets.next()) {
    all.push({ tag: packet.tag, body: packet.contents.rest() });
  }
  return all;
};

/** What the holder of the session key reads. */
function opened(packet: Uint8Array, session: Uint8Array): string {
  const whole = cfb(session, new Uint8Array(16)).decrypt(packet.subarray(1));
  const digest = crypto.hash('sha1', whole.subarray(0, -20));
  expect(encodeHex(whole.subarray(-20))).toBe(encodeHex(digest));
  const [literal] = packetsOf(whole.subarray(18, -22));
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
  const body = rsaBody(key);
  const own = signature(0x13, 0x0f, body, hashedName, (digest) => [crypto.rsaSign(key, 'sha256', digest)]);
  const entity = readEntity(concatBytes(writePacket(6, body), userId, own), crypto);
  const [wrapped, message] = packetsOf(encryptMessage(entity, encodeUtf8('a share'), crypto, random));
  expect(encodeHex(wrapped!.body.subarray(1, 9))).toBe(entity.fingerprint.slice(-16));
  const block = power(big(wrapped!.body.subarray(12)), big(key.d), big(key.modulus)).toString(16);
  const session = block.slice(-70, -4);
  expect(session.slice(0, 2)).toBe('09');
  expect(opened(message!.body, decodeHex(session.slice(2)))).toBe('a share');
});

test('the holder of a Curve25519 subkey reads the message, and a key for signing is passed over', () => {
  const secret = random(32);
  const subkey = ecdhBody(x25519.getPublicKey(secret));
  const key = concatBytes(primary, userId, ofName(3), writePacket(14, subkey), ofSubkey(subkey, 1));
  const entity = readEntity(key, crypto);
  const [wrapped, message] = packetsOf(encryptMessage(entity, encodeUtf8('a token'), crypto, random));
  const body = wrapped!.body;
  const shared = x25519.getSharedSecret(secret, body.subarray(13, 45));
  const parameters = ecdhParameters(entity.encryption!, 8, 9);
  const derived = crypto.hash('sha256', Uint8Array.of(0, 0, 0, 1), shared, parameters);
  const session = aeskw(derived).decrypt(body.subarray(46)).subarray(1, 33);
  expect(opened(message!.body, session)).toBe('a token');
});

test('messages are for the newest subkey that is not revoked', () => {
  const bodies = [1, 2, 3].map((byte) => ecdhBody(x25519.getPublicKey(new Uint8Array(32).fill(byte))));
  const [newest, older, revoked] = bodies.map((body, at) =>
    concatBytes(writePacket(14, body), ofSubkey(body, [2, 1, 3][at]!)),
  );
  const revocation = ofSubkey(bodies[2]!, 4, 0x28);
  const key = concatBytes(primary, userId, ofName(3), newest!, older!, revoked!, revocation);
  const expected = crypto.hash('sha1', hashedKey(bodies[0]!));
  expect(readEntity(key, crypto).encryption?.fingerprint).toEqual(expected);
});

const bent = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
};

test('what is no key, is cut, has no name, is signed by nobody or cannot be encrypted to is refused in upstream’s words', () => {
  const key = concatBytes(primary, userId, ofName(3));
  const subkey = ecdhBody(x25519.getPublicKey(random(32)));
  const invalid = 'openpgp: invalid data: ';
  const refusals: [Uint8Array, string][] = [
    [new Uint8Array(0), 'EOF'],
    [Uint8Array.of(0xb0, 9, 1), 'EOF'], // of trust, which nobody reads
    [encodeUtf8('hello'), `${invalid}tag byte does not have MSB set`],
    [key.subarray(0, 10), 'unexpected EOF'],
    [primary, `${invalid}v4 entity without any identities`],
    [concatBytes(userId, key), `${invalid}first packet was not a public/private key`],
    [writePacket(6, subkey), `${invalid}primary key cannot be used for signatures`],
    [concatBytes(key, writePacket(26)), 'openpgp: unknown critical packet type: 26'],
    [
      concatBytes(key, writePacket(8, Uint8Array.of(86))),
      'openpgp: unsupported feature: unknown compression algorithm: 86',
    ],
    [concatBytes(key, writePacket(20)), 'openpgp: aead error: could not read aead header:EOF'],
    [concatBytes(key, writePacket(14, subkey)), `${invalid}subkey packet not followed by signature`],
    [
      concatBytes(key, writePacket(14, subkey), Uint8Array.of(0)),
      `${invalid}subkey signature invalid: ${invalid}tag byte does not have MSB set`,
    ],
    [concatBytes(key, writePacket(14, subkey), ofName(3)), `${invalid}subkey signature with wrong type`],
    [concatBytes(primary, userId, ofSubkey(subkey, 1)), `${invalid}user ID signature with wrong type`],
    [
      concatBytes(primary, userId, bent(ofName(3))),
      `${invalid}user ID self-signature invalid: openpgp: invalid signature: EdDSA verification failure`,
    ],
    [
      concatBytes(key, writePacket(14, subkey), bent(ofSubkey(subkey, 1))),
      `${invalid}subkey signature invalid: openpgp: invalid signature: EdDSA verification failure`,
    ],
    [
      concatBytes(primary, ofSubkey(subkey, 1, 0x20), userId, ofName(3)),
      `${invalid}revocation signature signed by alternate key`,
    ],
    [
      concatBytes(primary, userId, writePacket(2, Uint8Array.of(4, 0x13, 22, 8, 0, 1, 9))),
      `${invalid}signature subpacket truncated`,
    ],
    [
      concatBytes(primary, userId, writePacket(2, Uint8Array.of(4, 0x13, 22, 8, 0, 0))),
      `${invalid}no creation time in signature`,
    ],
  ];
  for (const [bytes, text] of refusals) {
    let refusal: unknown;
    try {
      readEntity(bytes, crypto);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(OpenPgpError);
    expect((refusal as OpenPgpError).message).toBe(text);
  }
  const passedOver = [
    writePacket(40),
    writePacket(12, Uint8Array.of(1)),
    writePacket(6, Uint8Array.of(3, 0, 0, 0, 0, 1)),
  ];
  const entity = readEntity(concatBytes(...passedOver, key), crypto);
  expect(() => encryptMessage(entity, new Uint8Array(1), crypto, random)).toThrow(
    `cannot encrypt a message to key id ${entity.fingerprint.slice(-16)} because it has no valid encryption keys`,
  );
});

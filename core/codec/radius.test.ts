import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { decodeHex } from './hex.ts';
import { ACCESS_ACCEPT, ACCESS_REQUEST, attributeOf, decodeRadius, encodeAnswer, encodeRadius } from './radius.ts';
import { hidePassword, isAnswerTo, NAS_PORT, revealPassword, USER_NAME, USER_PASSWORD } from './radius.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const crypto = portableCrypto();

// RFC 2865, section 7.1: user "nemo" with password "arctangent".
const secret = encodeUtf8('xyzzy5461');
const request = decodeHex(
  '010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003',
);
const accept = decodeHex('0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103');

test('the RFC’s request', () => {
  const packet = decodeRadius(request)!;
  expect(packet.code).toBe(ACCESS_REQUEST);
  expect(decodeUtf8(attributeOf(packet, USER_NAME))).toBe('nemo');
  expect([...attributeOf(packet, NAS_PORT)]).toEqual([0, 0, 0, 3]);
  const hidden = attributeOf(packet, USER_PASSWORD);
  expect(decodeUtf8(revealPassword(crypto, hidden, secret, packet.authenticator))).toBe('arctangent');
  expect(hidePassword(crypto, encodeUtf8('arctangent'), secret, packet.authenticator)).toEqual(hidden);
  expect(encodeRadius(packet)).toEqual(request);
});

test('the RFC’s answer proves itself, and to nobody else', () => {
  const { code, attributes } = decodeRadius(accept)!;
  expect(code).toBe(ACCESS_ACCEPT);
  expect(isAnswerTo(crypto, accept, request, secret)).toBe(true);
  expect(encodeAnswer(crypto, code, attributes, request, secret)).toEqual(accept);
  expect(isAnswerTo(crypto, accept, request, encodeUtf8('xyzzy5462'))).toBe(false);
  for (let at = 0; at < accept.length; at++) {
    const bent = Uint8Array.from(accept, (byte, i) => (i === at ? byte ^ 1 : byte));
    expect(isAnswerTo(crypto, bent, request, secret)).toBe(false);
  }
});

test.each([
  ['nothing', ''],
  ['half a head', '0200001486fe220e'],
  ['a length below the head', `02000013${'00'.repeat(16)}`],
  ['a length beyond the bytes', `02000015${'00'.repeat(16)}`],
  ['an attribute without room for its own head', `02000016${'00'.repeat(16)}0101`],
  ['an attribute longer than the packet', `02000017${'00'.repeat(16)}010400`],
  ['an attribute cut off after its type', `02000015${'00'.repeat(16)}01`],
])('%s is no packet', (_, hex) => expect(decodeRadius(decodeHex(hex))).toBeUndefined());

test('what stands behind the packet is padding', () => {
  expect(decodeRadius(decodeHex(`02000014${'00'.repeat(16)}ffff`))?.attributes).toEqual([]);
});

const bytes = (most: number) => fc.uint8Array({ maxLength: most });

test.prop([
  fc.nat(255),
  fc.nat(255),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.array(fc.record({ type: fc.nat(255), value: bytes(253) }), { maxLength: 9 }),
])('what is written is read', (code, identifier, authenticator, attributes) => {
  const packet = { code, identifier, authenticator, attributes };
  expect(decodeRadius(encodeRadius(packet))).toEqual(packet);
});

test.prop([bytes(128), bytes(20), fc.uint8Array({ minLength: 16, maxLength: 16 })])(
  'a password is revealed without the zeros at its end',
  (password, shared, authenticator) => {
    const hidden = hidePassword(crypto, password, shared, authenticator);
    expect(hidden.length % 16).toBe(0);
    expect(hidden.length).toBeGreaterThanOrEqual(Math.max(16, password.length));
    const end = password.findLastIndex((byte) => byte !== 0) + 1;
    expect(revealPassword(crypto, hidden, shared, authenticator)).toEqual(password.slice(0, end));
  },
);

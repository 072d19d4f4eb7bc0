/**
 * Certificates that this machine makes for itself (X.509 v3, RFC 5280): for the cluster port, and for dev mode with
 * TLS. Synchronous over node:crypto, with ECDSA keys.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { parseIp } from '../core/codec/address.ts';
import { concatBytes } from '../core/codec/bytes.ts';
import { decodeHex } from '../core/codec/hex.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';

export interface CertificatePlan {
  readonly curve: 'P-256' | 'P-521';
  readonly commonName: string;
  /** Names and addresses that it is valid for. */
  readonly hosts: readonly string[];
  readonly ca: boolean;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent: self-signed. */
  readonly issuer?: Certificate;
}

export interface Certificate {
  readonly commonName: string;
  readonly der: Uint8Array;
  readonly key: KeyObject;
  /** SHA-1 of the public point. */
  readonly keyId: Uint8Array;
}

export function makeCertificate(plan: CertificatePlan): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: plan.curve });
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  const keyId = Uint8Array.from(createHash('sha1').update(pointOf(publicKey)).digest());
  const signer = plan.issuer?.key ?? privateKey;
  const algorithm = signatureAlgorithm(signer);
  const body = sequence(
    element(0xa0, integer(Uint8Array.of(2))),
    integer(serial()),
    algorithm.identifier,
    name(plan.issuer?.commonName ?? plan.commonName),
    sequence(time(plan.notBefore), time(plan.notAfter)),
    name(plan.commonName),
    spki,
    element(0xa3, sequence(...extensions(plan, keyId))),
  );
  const signature = Uint8Array.from(sign(algorithm.hash, body, signer));
  const der = sequence(body, algorithm.identifier, element(0x03, Uint8Array.of(0), signature));
  return { commonName: plan.commonName, der, key: privateKey, keyId };
}

export const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

function extensions({ ca, hosts, issuer }: CertificatePlan, keyId: Uint8Array): Uint8Array[] {
  const constraints = ca ? sequence(boolean(true)) : sequence();
  // Bits from the left: signature, encipherment, agreement, and for authorities signing certificates.
  const usage = element(0x03, ca ? Uint8Array.of(2, 0xac) : Uint8Array.of(3, 0xa8));
  const purposes = sequence(oid('2b06010505070301'), oid('2b06010505070302'));
  const names = hosts.map((host) => (isIP(host) === 0 ? element(0x82, encodeUtf8(host)) : element(0x87, octets(host))));
  return [
    extension('551d0f', true, usage),
    extension('551d25', false, purposes),
    extension('551d13', true, constraints),
    extension('551d0e', false, element(0x04, keyId)),
    ...(issuer === undefined ? [] : [extension('551d23', false, sequence(element(0x80, issuer.keyId)))]),
    ...(names.length === 0 ? [] : [extension('551d11', false, sequence(...names))]),
  ];
}

const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), element(0x04, value));

function signatureAlgorithm(key: KeyObject): { hash: string; identifier: Uint8Array } {
  const large = key.asymmetricKeyDetails?.namedCurve === 'secp521r1';
  // ecdsa-with-SHA512 and ecdsa-with-SHA256.
  return large
    ? { hash: 'sha512', identifier: sequence(oid('2a8648ce3d040304')) }
    : { hash: 'sha256', identifier: sequence(oid('2a8648ce3d040302')) };
}

function pointOf(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return concatBytes(Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
}

/** Positive, and not longer than RFC 5280 allows. */
function serial(): Uint8Array {
  const bytes = Uint8Array.from(randomBytes(19));
  bytes[0] = (bytes[0]! & 0x7f) | 0x01;
  return bytes;
}

function octets(host: string): Uint8Array {
  const address = parseIp(host);
  if (address === undefined) throw new Error(`${host} is no address`);
  return decodeHex(address.value.toString(16).padStart(address.width / 4, '0'));
}

const name = (commonName: string): Uint8Array =>
  sequence(element(0x31, sequence(oid('550403'), element(0x0c, encodeUtf8(commonName)))));

/** UTCTime up to 2049, GeneralizedTime from then on. */
function time(millis: number): Uint8Array {
  const digits = `${new Date(millis).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return Number(digits.slice(0, 4)) < 2050
    ? element(0x17, encodeUtf8(digits.slice(2)))
    : element(0x18, encodeUtf8(digits));
}

const oid = (hex: string): Uint8Array => element(0x06, decodeHex(hex));
const boolean = (value: boolean): Uint8Array => element(0x01, Uint8Array.of(value ? 0xff : 0));
const integer = (bytes: Uint8Array): Uint8Array => element(0x02, bytes);
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);

/** One DER element. */
function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...head), content);
}

/**
 * Certificates that this machine makes for itself (X.509 v3, RFC 5280): for the cluster port, and for dev mode with
 * TLS. Synchronous over node:crypto, with ECDSA keys.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { parseIp } from '../core/codec/address.ts';
import { concatBytes } from '../core/codec/bytes.ts';
import { der } from '../core/codec/der.ts';
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
  /** Whose certificate it is; absent: a new key's. */
  readonly subjectKey?: KeyObject;
  /** DER of further extensions. */
  readonly more?: readonly Uint8Array[];
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
  const { privateKey, publicKey: own } = generateKeyPairSync('ec', { namedCurve: plan.curve });
  const publicKey = plan.subjectKey ?? own;
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  const keyId = Uint8Array.from(
    createHash('sha1')
      .update(publicKey.asymmetricKeyType === 'ec' ? pointOf(publicKey) : spki)
      .digest(),
  );
  const signer = plan.issuer?.key ?? privateKey;
  const algorithm = signatureAlgorithm(signer);
  const body = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(serial()),
    algorithm.identifier,
    name(plan.issuer?.commonName ?? plan.commonName),
    der.sequence(time(plan.notBefore), time(plan.notAfter)),
    name(plan.commonName),
    spki,
    der.explicit(3, der.sequence(...extensions(plan, keyId))),
  );
  const signature = Uint8Array.from(sign(algorithm.hash, body, signer));
  const whole = der.sequence(body, algorithm.identifier, der.bits(signature));
  return { commonName: plan.commonName, der: whole, key: privateKey, keyId };
}

export const pemOf = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

function extensions({ ca, hosts, issuer, more = [] }: CertificatePlan, keyId: Uint8Array): Uint8Array[] {
  const constraints = ca ? der.sequence(der.boolean(true)) : der.sequence();
  // Bits from the left: signature, encipherment, agreement, and for authorities signing certificates.
  const usage = ca ? der.bits(Uint8Array.of(0xac), 2) : der.bits(Uint8Array.of(0xa8), 3);
  const purposes = der.sequence(der.oid('1.3.6.1.5.5.7.3.1'), der.oid('1.3.6.1.5.5.7.3.2'));
  return [
    extension('2.5.29.15', true, usage),
    extension('2.5.29.37', false, purposes),
    extension('2.5.29.19', true, constraints),
    extension('2.5.29.14', false, der.octets(keyId)),
    ...(issuer === undefined ? [] : [extension('2.5.29.35', false, der.sequence(der.implicit(0, issuer.keyId)))]),
    ...(hosts.length === 0 ? [] : [alternativeNames(hosts)]),
    ...more,
  ];
}

const alternativeNames = (hosts: readonly string[]): Uint8Array =>
  extension(
    '2.5.29.17',
    false,
    der.sequence(
      ...hosts.map((host) => (isIP(host) === 0 ? der.implicit(2, encodeUtf8(host)) : der.implicit(7, octets(host)))),
    ),
  );

/** A request for a certificate of these names and no subject (PKCS#10, RFC 2986), as DER. */
export function certificateRequest(key: KeyObject, hosts: readonly string[]): Uint8Array {
  const algorithm = signatureAlgorithm(key);
  const spki = Uint8Array.from(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  // The attribute that asks for extensions.
  const asked = der.sequence(der.oid('1.2.840.113549.1.9.14'), der.set(der.sequence(alternativeNames(hosts))));
  const body = der.sequence(der.integer(0), der.sequence(), spki, der.explicit(0, asked));
  const signature = Uint8Array.from(sign(algorithm.hash, body, key));
  return der.sequence(body, algorithm.identifier, der.bits(signature));
}

export const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
  der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octets(value));

function signatureAlgorithm(key: KeyObject): { hash: string | null; identifier: Uint8Array } {
  if (key.asymmetricKeyType === 'ed25519') return { hash: null, identifier: der.sequence(der.oid('1.3.101.112')) };
  if (key.asymmetricKeyType === 'rsa') {
    return { hash: 'sha256', identifier: der.sequence(der.oid('1.2.840.113549.1.1.11'), der.null()) };
  }
  const [hash, oid] = ECDSA[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? ECDSA['prime256v1']!;
  return { hash, identifier: der.sequence(der.oid(oid)) };
}

/** By the curve of the key. */
const ECDSA: Readonly<Record<string, readonly [hash: string, oid: string]>> = {
  prime256v1: ['sha256', '1.2.840.10045.4.3.2'],
  secp384r1: ['sha384', '1.2.840.10045.4.3.3'],
  secp521r1: ['sha512', '1.2.840.10045.4.3.4'],
};

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
  der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(commonName))));

/** UTCTime up to 2049, GeneralizedTime from then on. */
function time(millis: number): Uint8Array {
  const digits = `${new Date(millis).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return Number(digits.slice(0, 4)) < 2050 ? der.utcTime(digits.slice(2)) : der.generalizedTime(digits);
}

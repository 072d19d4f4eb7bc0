/**
 * SSH public keys (RFC 4253, section 6.6; RFC 5656, RFC 8709, and OpenSSH's PROTOCOL.u2f): which are taken, what they
 * are called, and how they are written. A key that somebody else uses stays a blob: nobody here computes with it.
 */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { concatBytes } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import { quote } from '../../codec/go-quote.ts';
import { ssh, SshError, SshReader } from '../../codec/ssh-wire.ts';
import { isPoint } from '../ecdsa.ts';
import type { PublicKey } from '../keys/key.ts';

export type SshKeyKind = 'rsa' | 'dsa' | 'ecdsa' | 'ed25519';

export interface SshPublicKey {
  /** 'ssh-ed25519', 'sk-ecdsa-sha2-nistp256@openssh.com', … */
  readonly algorithm: string;
  readonly kind: SshKeyKind;
  /** Of the modulus, the prime or the curve; 0 for Ed25519. */
  readonly bits: number;
  /** What follows the algorithm in the blob, numbers without superfluous octets. */
  readonly body: Uint8Array;
}

export const CURVES = { nistp256: 'p256', nistp384: 'p384', nistp521: 'p521' } as const;
export type SshCurve = keyof typeof CURVES;
export const isSshCurve = (name: string): name is SshCurve => Object.hasOwn(CURVES, name);

/** The key's blob: what is hashed for its fingerprint, and what its certificate's signature key is. */
export const blobOf = ({ algorithm, body }: SshPublicKey): Uint8Array => concatBytes(ssh.text(algorithm), body);

/** A line of authorized_keys, without a comment and with a line break. */
export const authorizedKey = (key: SshPublicKey): string => `${key.algorithm} ${encodeBase64(blobOf(key))}\n`;

/** A key of ours. Only RSA, ECDSA on three curves, and Ed25519 can be one. */
export function sshPublicKey(key: PublicKey): SshPublicKey {
  switch (key.kind) {
    case 'rsa': {
      const { modulus, exponent } = key.key;
      const body = concatBytes(ssh.magnitude(exponentBytes(exponent)), ssh.magnitude(modulus));
      return { algorithm: 'ssh-rsa', kind: 'rsa', bits: bitLength(modulus), body };
    }
    case 'ed25519':
      return { algorithm: 'ssh-ed25519', kind: 'ed25519', bits: 0, body: ssh.bytes(key.bytes) };
    case 'ecdsa': {
      const curve = (Object.keys(CURVES) as SshCurve[]).find((name) => CURVES[name] === key.curve);
      if (curve === undefined) throw new SshError('ssh: only P-256, P-384 and P-521 EC keys are supported');
      return ecdsaKey(`ecdsa-sha2-${curve}`, curve, concatBytes(ssh.text(curve), ssh.bytes(key.point)));
    }
    case 'mldsa':
      throw new SshError('ssh: unsupported key type');
  }
}

const exponentBytes = (exponent: number): Uint8Array =>
  Uint8Array.of(exponent >>> 24, (exponent >>> 16) & 0xff, (exponent >>> 8) & 0xff, exponent & 0xff);

const ecdsaKey = (algorithm: string, curve: SshCurve, body: Uint8Array): SshPublicKey => ({
  algorithm,
  kind: 'ecdsa',
  bits: Number(curve.slice('nistp'.length)),
  body,
});

/** Bits of the absolute value of a number in two's complement. */
function bitLength(complement: Uint8Array): number {
  if (complement.length === 0) return 0;
  const unsigned = BigInt(`0x${encodeHex(complement)}`);
  const value = complement[0]! >= 0x80 ? unsigned - (1n << BigInt(8 * complement.length)) : unsigned;
  return (value < 0n ? -value : value).toString(2).replace(/^0$/, '').length;
}

/**
 * What clients send: a line of authorized_keys or the base64 in it alone. Throws SshError, and Base64Error with Go's
 * words.
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  const [first, second] = text.split(' ');
  return parseBlob(decodeBase64(second ?? first!));
}

/** Throws SshError. */
export function parseBlob(blob: Uint8Array): SshPublicKey {
  const reader = new SshReader(blob);
  const key = parseBody(reader.text(), reader);
  if (!reader.atEnd) throw new SshError('ssh: trailing junk in public key');
  return key;
}

const CERTIFICATE = '-cert-v01@openssh.com';

function parseBody(algorithm: string, reader: SshReader): SshPublicKey {
  switch (algorithm) {
    case 'ssh-rsa':
      return parseRsa(reader);
    case 'ssh-dss':
      return parseDsa(reader);
    case 'ssh-ed25519':
      return parseEd25519(algorithm, reader, false);
    case 'sk-ssh-ed25519@openssh.com':
      return parseEd25519(algorithm, reader, true);
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return parseEcdsa(algorithm, reader, algorithm.slice('ecdsa-sha2-'.length));
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return parseSecurityKey(algorithm, reader);
    default:
      if (algorithm.endsWith(CERTIFICATE)) return parseCertificate(algorithm, reader);
      throw new SshError(`ssh: unknown key algorithm: ${algorithm}`);
  }
}

function parseRsa(reader: SshReader): SshPublicKey {
  const [exponent, modulus] = [reader.mpint(), reader.mpint()];
  if (bitLength(exponent) > 24) throw new SshError('ssh: exponent too large');
  const odd = ((exponent.at(-1) ?? 0) & 1) === 1;
  const tooSmall = (exponent[0] ?? 0) >= 0x80 || (exponent.length === 1 && exponent[0]! < 3);
  if (!odd || tooSmall) throw new SshError('ssh: incorrect exponent');
  const body = concatBytes(ssh.mpint(exponent), ssh.mpint(modulus));
  return { algorithm: 'ssh-rsa', kind: 'rsa', bits: bitLength(modulus), body };
}

function parseDsa(reader: SshReader): SshPublicKey {
  const [p, q, g, y] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()];
  const bits = bitLength(p);
  if (bits !== 1024) throw new SshError(`ssh: unsupported DSA key size ${bits}`);
  return { algorithm: 'ssh-dss', kind: 'dsa', bits, body: concatBytes(...[p, q, g, y].map(ssh.mpint)) };
}

/** Of a security key the application follows. */
function parseEd25519(algorithm: string, reader: SshReader, application: boolean): SshPublicKey {
  if (reader.atEnd) throw new SshError('ssh: parse error in message type 0');
  const bytes = reader.bytes();
  const rest = application ? ssh.bytes(field('Application', reader)) : new Uint8Array(0);
  if (bytes.length !== 32) throw new SshError(`invalid size ${bytes.length} for Ed25519 public key`);
  return { algorithm, kind: 'ed25519', bits: 0, body: concatBytes(ssh.bytes(bytes), rest) };
}

/** What Go's struct has a field for; its type has no name. */
function field(name: string, reader: SshReader): Uint8Array {
  try {
    return reader.bytes();
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    throw new SshError(`ssh: unmarshal error for field ${name} of type `);
  }
}

function parseEcdsa(algorithm: string, reader: SshReader, expected: string): SshPublicKey {
  const curve = reader.text();
  const point = reader.bytes();
  if (curve !== expected || !isSshCurve(curve)) {
    const type = quote(`ecdsa-sha2-${curve}`);
    throw new SshError(
      `ssh: algorithm type mismatch: expected ${quote(algorithm)}, found curve ${quote(curve)} (type ${type})`,
    );
  }
  if (point[0] !== 4 || !isPoint(CURVES[curve], point)) throw new SshError('ssh: invalid curve point');
  return ecdsaKey(algorithm, curve, concatBytes(ssh.text(curve), ssh.bytes(point)));
}

function parseSecurityKey(algorithm: string, reader: SshReader): SshPublicKey {
  const curve = reader.text();
  const point = reader.bytes();
  const application = field('Application', reader);
  if (curve !== 'nistp256') throw new SshError('ssh: unsupported curve');
  if (point[0] !== 4 || !isPoint('p256', point)) throw new SshError('ssh: invalid curve point');
  return ecdsaKey(algorithm, curve, concatBytes(ssh.text(curve), ssh.bytes(point), ssh.bytes(application)));
}

/** A certificate can stand where a key can, as far as nobody signs it. */
function parseCertificate(algorithm: string, reader: SshReader): SshPublicKey {
  const nonce = reader.bytes();
  const key = parseBody(algorithm.replace(CERTIFICATE, '').replace(/^sk-.*/, '$&@openssh.com'), reader);
  const parts = [ssh.uint64(reader.uint64()), ssh.uint32(reader.uint32()), ...strings(reader, 2)];
  parts.push(ssh.uint64(reader.uint64()), ssh.uint64(reader.uint64()), ...strings(reader, 5));
  return { ...key, algorithm, body: concatBytes(ssh.bytes(nonce), key.body, ...parts) };
}

const strings = (reader: SshReader, count: number): Uint8Array[] =>
  Array.from({ length: count }, () => ssh.bytes(reader.bytes()));

export const isCertificate = ({ algorithm }: SshPublicKey): boolean => algorithm.endsWith(CERTIFICATE);

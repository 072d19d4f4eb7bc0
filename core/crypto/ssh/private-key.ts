/**
 * Private keys as SSH users have them: OpenSSH's own container (PROTOCOL.key, without a passphrase) and the older PEM
 * forms. What is refused is told in the words of Go's x/crypto/ssh.
 */
import { concatBytes, equalBytes, noBytes } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { decodePem, encodePem } from '../../codec/pem.ts';
import { ssh, SshError, SshReader } from '../../codec/ssh-wire.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../crypto.ts';
import { curveSize, isPoint, isSecret } from '../ecdsa.ts';
import { AgreementKeyError } from '../keys/key-error.ts';
import { publicKeyOf, type PrivateKey } from '../keys/key.ts';
import { traditionalPem } from '../keys/pem.ts';
import { parsePkcs1, parsePkcs8, parseSec1 } from '../keys/private-container.ts';
import { rsaFromParts } from '../rsa.ts';
import { blobOf, CURVES, isSshCurve, parseBlob, sshPublicKey } from './public-key.ts';

const MAGIC = encodeUtf8('openssh-key-v1\0');
const protectedKey = (): SshError => new SshError('ssh: this private key is passphrase protected');

/** Throws SshError, DerError or KeyError. */
export function parseSshPrivateKey(crypto: Crypto, text: string): PrivateKey {
  const found = decodePem(text);
  if (found === undefined) throw new SshError('ssh: no key found');
  const { type, bytes, headers } = found.block;
  if (headers.get('Proc-Type')?.includes('ENCRYPTED') === true) throw protectedKey();
  switch (type) {
    case 'RSA PRIVATE KEY':
      return { kind: 'rsa', key: parsePkcs1(bytes) };
    case 'PRIVATE KEY':
      return parseSigning(bytes);
    case 'EC PRIVATE KEY':
      return { kind: 'ecdsa', key: parseSec1(bytes) };
    case 'OPENSSH PRIVATE KEY':
      return parseContainer(crypto, bytes);
    default:
      throw new SshError(`ssh: unsupported key type ${quote(type)}`);
  }
}

function parseSigning(bytes: Uint8Array): PrivateKey {
  try {
    return parsePkcs8(bytes);
  } catch (error) {
    throw error instanceof AgreementKeyError ? new SshError(`ssh: unsupported key type ${error.goType}`) : error;
  }
}

function parseContainer(crypto: Crypto, bytes: Uint8Array): PrivateKey {
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC))
    throw new SshError('ssh: invalid openssh private key format');
  const outer = new SshReader(bytes.subarray(MAGIC.length));
  const [cipher, derivation, options, count] = [outer.text(), outer.text(), outer.text(), outer.uint32()];
  const [publicBlob, block] = [outer.bytes(), outer.bytes()];
  if (count !== 1) throw new SshError('ssh: multi-key files are not supported');
  if (cipher !== 'none' || derivation !== 'none') {
    wrapped('ssh: failed to parse embedded public key: ', () => parseBlob(publicBlob));
    throw protectedKey();
  }
  if (options !== '') throw new SshError('ssh: invalid openssh private key');
  return parseBlock(crypto, block);
}

function wrapped<T>(prefix: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof SshError ? new SshError(prefix + error.message) : error;
  }
}

function parseBlock(crypto: Crypto, block: Uint8Array): PrivateKey {
  const reader = new SshReader(block);
  const type = keyType(reader);
  if (type === 'ssh-rsa') return parseRsa(reader);
  if (type === 'ssh-ed25519') return parseEd25519(reader);
  if (/^ecdsa-sha2-nistp(?:256|384|521)$/.test(type)) return parseEcdsa(crypto, reader);
  throw new SshError('ssh: unhandled key type');
}

/** After two numbers that are the same where the passphrase was right. */
function keyType(reader: SshReader): string {
  try {
    const [first, second] = [reader.uint32(), reader.uint32()];
    if (first === second) return reader.text();
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
  }
  throw new SshError('ssh: malformed OpenSSH key');
}

/** A comment, and 1, 2, 3 … up to a multiple of the cipher's block. */
function checkEnd(reader: SshReader): void {
  reader.bytes();
  if (reader.rest().some((byte, index) => byte !== index + 1)) throw new SshError('ssh: padding not as expected');
}

function parseRsa(reader: SshReader): PrivateKey {
  const [modulus, exponent, d, , p, q] = Array.from({ length: 6 }, () => reader.magnitude());
  checkEnd(reader);
  const e = exponent!.reduce((value, byte) => value * 256 + byte, 0);
  const key = exponent!.length > 4 ? undefined : rsaFromParts(modulus!, e, d!, p!, q!);
  if (key === undefined) throw new SshError('crypto/rsa: p * q != n');
  return { kind: 'rsa', key };
}

function parseEd25519(reader: SshReader): PrivateKey {
  reader.bytes();
  const both = reader.bytes();
  if (both.length !== 64) throw new SshError('ssh: private key unexpected length');
  checkEnd(reader);
  return { kind: 'ed25519', seed: both.slice(0, 32) };
}

function parseEcdsa(crypto: Crypto, reader: SshReader): PrivateKey {
  const [name, point, scalar] = [reader.text(), reader.bytes(), reader.magnitude()];
  checkEnd(reader);
  if (!isSshCurve(name)) throw new SshError(`ssh: unhandled elliptic curve: ${name}`);
  const curve = CURVES[name];
  if (point[0] !== 4 || !isPoint(curve, point)) throw new SshError('ssh: failed to unmarshal public key');
  const size = curveSize[curve];
  const secret = concatBytes(new Uint8Array(Math.max(0, size - scalar.length)), scalar);
  if (secret.length !== size || !isSecret(curve, secret)) throw new SshError('ssh: scalar is out of range');
  const key = { curve, secret };
  if (!equalBytes(crypto.ecdsaPublic(key), point)) throw new SshError('ssh: public key does not match private key');
  return { kind: 'ecdsa', key };
}

/** RSA and ECDSA in their traditional PEM forms, Ed25519 in OpenSSH's container. `random` is for four bytes of it. */
export function sshPrivatePem(crypto: Crypto, key: PrivateKey, random: (length: number) => Uint8Array): string {
  return key.kind === 'ed25519'
    ? encodePem('OPENSSH PRIVATE KEY', ed25519Container(crypto, key, random(4)))
    : traditionalPem(crypto, key);
}

function ed25519Container(
  crypto: Crypto,
  key: PrivateKey & { readonly kind: 'ed25519' },
  check: Uint8Array,
): Uint8Array {
  const bytes = crypto.ed25519Public(key.seed);
  const block = concatBytes(
    check,
    check,
    ssh.text('ssh-ed25519'),
    ssh.bytes(bytes),
    ssh.bytes(concatBytes(key.seed, bytes)),
    ssh.bytes(noBytes),
  );
  const padding = Uint8Array.from({ length: (8 - (block.length % 8)) % 8 }, (_, index) => index + 1);
  return concatBytes(
    MAGIC,
    ssh.text('none'),
    ssh.text('none'),
    ssh.bytes(noBytes),
    ssh.uint32(1),
    ssh.bytes(blobOf(sshPublicKey(publicKeyOf(crypto, key)))),
    ssh.bytes(concatBytes(block, padding)),
  );
}

/** OpenSSH certificates (PROTOCOL.certkeys): a public key, what it is good for, and who says so. */
import { encodeBase64 } from '../../codec/base64.ts';
import { compareText, concatBytes, noBytes } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { ssh, SshError } from '../../codec/ssh-wire.ts';
import type { Crypto, HashName } from '../crypto.ts';
import { publicKeyOf, type PrivateKey } from '../keys/key.ts';
import { blobOf, isCertificate, sshPublicKey, type SshPublicKey } from './public-key.ts';

export interface CertificateContents {
  readonly key: SshPublicKey;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  readonly serial: bigint;
  readonly type: 'user' | 'host';
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Unix seconds. */
  readonly validAfter: number;
  readonly validBefore: number;
  readonly criticalOptions: ReadonlyMap<string, string>;
  readonly extensions: ReadonlyMap<string, string>;
}

/** How a certificate is signed; the default is the key's own, for RSA with SHA-256. */
export type CertificateAlgorithm = 'default' | 'ssh-rsa' | 'rsa-sha2-256' | 'rsa-sha2-512';

const RSA_HASHES: Readonly<Record<string, HashName>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};
const CURVE_HASHES: Readonly<Record<string, HashName>> = { p256: 'sha256', p384: 'sha384', p521: 'sha512' };

/** A line as `ssh-keygen` writes into a file. Throws SshError when the key cannot sign so, or not this. `entropy` is ECDSA's. */
export function signCertificate(
  crypto: Crypto,
  authority: PrivateKey,
  algorithm: CertificateAlgorithm,
  contents: CertificateContents,
  entropy?: Uint8Array,
): string {
  if (isCertificate(contents.key)) {
    throw new SshError(`unknown certificate type for key type ${contents.key.algorithm}`);
  }
  const signer = sshPublicKey(publicKeyOf(crypto, authority));
  const type = certificateType(contents.key.algorithm);
  const signed = concatBytes(ssh.text(type), toBeSigned(contents), ssh.bytes(blobOf(signer)));
  const signature = sign(crypto, authority, signer, algorithm, signed, entropy);
  return `${type} ${encodeBase64(concatBytes(signed, ssh.bytes(signature)))}\n`;
}

const certificateType = (algorithm: string): string => `${algorithm.replace('@openssh.com', '')}-cert-v01@openssh.com`;

function toBeSigned(contents: CertificateContents): Uint8Array {
  return concatBytes(
    ssh.bytes(contents.nonce),
    contents.key.body,
    ssh.uint64(contents.serial),
    ssh.uint32(contents.type === 'user' ? 1 : 2),
    ssh.text(contents.keyId),
    ssh.list(...contents.principals.map(ssh.text)),
    ssh.uint64(BigInt(contents.validAfter)),
    ssh.uint64(BigInt(contents.validBefore)),
    options(contents.criticalOptions),
    options(contents.extensions),
    // Reserved.
    ssh.bytes(noBytes),
  );
}

/** By name; a value is a string in a string, and none is an empty one. */
function options(values: ReadonlyMap<string, string>): Uint8Array {
  const sorted = [...values].toSorted(([a], [b]) => compareText(a, b));
  return ssh.list(
    ...sorted.flatMap(([name, value]) => [
      ssh.text(name),
      value === '' ? ssh.bytes(noBytes) : ssh.list(ssh.text(value)),
    ]),
  );
}

function sign(
  crypto: Crypto,
  key: PrivateKey,
  signer: SshPublicKey,
  wanted: CertificateAlgorithm,
  message: Uint8Array,
  entropy?: Uint8Array,
): Uint8Array {
  const name = wanted === 'default' && key.kind === 'rsa' ? 'rsa-sha2-256' : wanted;
  if (key.kind === 'rsa') {
    const hash = RSA_HASHES[name]!;
    return concatBytes(ssh.text(name), ssh.bytes(crypto.rsaSign(key.key, hash, crypto.hash(hash, message))));
  }
  if (name !== 'default') {
    const why = `unsupported signature algorithm ${quote(name)} for key format ${quote(signer.algorithm)}`;
    throw new SshError(`failed to generate signed SSH key: sign error: ssh: ${why}`);
  }
  return concatBytes(ssh.text(signer.algorithm), ssh.bytes(plainSignature(crypto, key, message, entropy)));
}

function plainSignature(crypto: Crypto, key: PrivateKey, message: Uint8Array, entropy?: Uint8Array): Uint8Array {
  if (key.kind === 'ed25519') return crypto.ed25519Sign(key.seed, message);
  if (key.kind !== 'ecdsa') throw new SshError('ssh: unsupported key type');
  const raw = crypto.ecdsaSign(key.key, crypto.hash(CURVE_HASHES[key.key.curve]!, message), entropy);
  const half = raw.length / 2;
  return concatBytes(ssh.magnitude(raw.subarray(0, half)), ssh.magnitude(raw.subarray(half)));
}

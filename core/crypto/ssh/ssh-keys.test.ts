import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Base64Error, decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { DerError } from '../../codec/der-reader.ts';
import { encodePem } from '../../codec/pem.ts';
import { SshError, SshReader } from '../../codec/ssh-wire.ts';
import { KeyError } from '../keys/key-error.ts';
import { publicKeyOf, samePublicKey, type PrivateKey } from '../keys/key.ts';
import { portableCrypto } from '../portable.ts';
import { signCertificate } from './certificate.ts';
import { parseSshPrivateKey, sshPrivatePem } from './private-key.ts';
import { authorizedKey, blobOf, parseBlob, parseSshPublicKey, sshPublicKey } from './public-key.ts';

/** Made with `ssh-keygen -s ca -I 'key id' -n alice,bob -V 20260101000000Z:20270101000000Z -z … -O …`. */
const real = {
  authority: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDTMX1ODEKKFvfAXfvO+Cc584lM0V+YnDzvB1UpXLC56gAAAIjnXmg7515o
OwAAAAtzc2gtZWQyNTUxOQAAACDTMX1ODEKKFvfAXfvO+Cc584lM0V+YnDzvB1UpXLC56g
AAAEBHL/gqTbqDPzE0wB5+dvdT1O232skADvx7cPh66FalOtMxfU4MQooW98Bd+874Jznz
iUzRX5icPO8HVSlcsLnqAAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
`,
  user: 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKisG3jFyqO9A6UGGkzorRwLKUSJQOwJdkBlIWsSGdIAoawU5RHjlGEWoSFtRalIynHh+HZQLNZE75bZjg2JIsI=',
  certificate:
    'ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgI1Iz0YTb042daUPOKXTOrlGysvVhIyamFSbxh08OCWIAAAAIbmlzdHAyNTYAAABBBKisG3jFyqO9A6UGGkzorRwLKUSJQOwJdkBlIWsSGdIAoawU5RHjlGEWoSFtRalIynHh+HZQLNZE75bZjg2JIsKrVKmM6x8K0gAAAAEAAAAGa2V5IGlkAAAAEAAAAAVhbGljZQAAAANib2IAAAAAaVW5AAAAAABrNuyAAAAARgAAAA1mb3JjZS1jb21tYW5kAAAADQAAAAkvYmluL3RydWUAAAAOc291cmNlLWFkZHJlc3MAAAAOAAAACjEwLjAuMC4wLzgAAAAxAAAAEWxvZ2luQGV4YW1wbGUuY29tAAAABgAAAAJtZQAAAApwZXJtaXQtcHR5AAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAINMxfU4MQooW98Bd+874JznziUzRX5icPO8HVSlcsLnqAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEBp7Z+vUn5JsAwXQM3Diq1x+93gEXtwEYkGMHI7nsUrFdZin5mylXIBY8Tqtmr+cpBQOqE9mD/BYHrCjMLkWtoF',
};

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(5);
const keys: PrivateKey[] = [
  { kind: 'rsa', key: await crypto.rsaGenerate(2048, random) },
  { kind: 'ecdsa', key: crypto.ecdsaGenerate('p256', random) },
  { kind: 'ecdsa', key: crypto.ecdsaGenerate('p521', random) },
  { kind: 'ed25519', seed: random(32) },
];

test('signs the very bytes that ssh-keygen signs', () => {
  const wire = new SshReader(decodeBase64(real.certificate.split(' ')[1]!));
  expect(wire.text()).toBe('ecdsa-sha2-nistp256-cert-v01@openssh.com');
  const nonce = wire.bytes();
  const ours = signCertificate(crypto, parseSshPrivateKey(crypto, real.authority), 'default', {
    key: parseSshPublicKey(real.user),
    nonce,
    serial: 12345678901234567890n,
    type: 'user',
    keyId: 'key id',
    principals: ['alice', 'bob'],
    validAfter: 1767225600,
    validBefore: 1798761600,
    criticalOptions: new Map([
      ['source-address', '10.0.0.0/8'],
      ['force-command', '/bin/true'],
    ]),
    extensions: new Map([
      ['permit-pty', ''],
      ['login@example.com', 'me'],
    ]),
  });
  expect(ours).toBe(`${real.certificate}\n`);
});

test.each(keys.map((key) => [`${key.kind} ${key.kind === 'ecdsa' ? key.key.curve : ''}`, key] as const))(
  'reads an %s key back from what it wrote',
  (_, key) => {
    const known = publicKeyOf(crypto, key);
    const again = publicKeyOf(crypto, parseSshPrivateKey(crypto, sshPrivatePem(crypto, key, random)));
    expect(samePublicKey(again, known)).toBe(true);
    const line = authorizedKey(sshPublicKey(known));
    expect(authorizedKey(parseSshPublicKey(line))).toBe(line);
  },
);

/** A whole blob with some bytes changed, and perhaps cut short. */
const broken = (whole: readonly Uint8Array[]) =>
  fc
    .tuple(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 3 }), fc.nat(600))
    .map(([bytes, changes, cut]) => {
      const bent = bytes.slice();
      for (const [at, value] of changes) bent[at % bent.length] = value;
      return cut % 3 === 0 ? bent.slice(0, cut % bent.length) : bent;
    });

/** It is read, or refused as what it is. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    const known = [SshError, Base64Error, DerError, KeyError].some((kind) => error instanceof kind);
    expect(known, String(error)).toBe(true);
  }
}

describe('what clients send', () => {
  const blobs = [
    ...keys.map((key) => blobOf(sshPublicKey(publicKeyOf(crypto, key)))),
    decodeBase64(real.certificate.split(' ')[1]!),
  ];
  prop.prop([broken(blobs)], { numRuns: 300 })('is a public key, or refused as none', (blob) => {
    survives(() => parseSshPublicKey(`ssh-x ${encodeBase64(blob)}`));
    survives(() => {
      const key = parseBlob(blob);
      // What is read is written in one way only.
      expect(blobOf(parseBlob(blobOf(key)))).toEqual(blobOf(key));
    });
  });

  const container = decodeBase64(real.authority.replace(/-----.*-----|\n/g, ''));
  prop.prop([broken([container]), fc.constantFrom('OPENSSH PRIVATE KEY', 'RSA PRIVATE KEY', 'X')], { numRuns: 300 })(
    'is a private key, or refused as none',
    (bytes, type) => survives(() => parseSshPrivateKey(crypto, encodePem(type, bytes))),
  );
});

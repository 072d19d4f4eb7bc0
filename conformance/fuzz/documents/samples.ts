/** Valid documents to bend: made once a run, the same each time, of test primes and with dates far apart. */
import { encodeUtf8 } from '../../../core/codec/utf8.ts';
import { encodeBase64RawUrl } from '../../../core/codec/base64.ts';
import { drbg } from '../../../core/crypto/drbg.ts';
import { publicKeyOf, type PrivateKey } from '../../../core/crypto/keys/key.ts';
import { toPkcs1, toPkcs8, toSec1 } from '../../../core/crypto/keys/private-container.ts';
import { toPkcs1Public, toSpki } from '../../../core/crypto/keys/public-container.ts';
import { signCertificate } from '../../../core/crypto/ssh/certificate.ts';
import { sshPrivatePem } from '../../../core/crypto/ssh/private-key.ts';
import { authorizedKey, sshPublicKey } from '../../../core/crypto/ssh/public-key.ts';
import { parseCertificate } from '../../../core/crypto/x509/certificate.ts';
import { NO_SUBTREES } from '../../../core/crypto/x509/extension.ts';
import { encodeAlternativeNames, NO_NAMES } from '../../../core/crypto/x509/general-name.ts';
import { subjectKeyId } from '../../../core/crypto/x509/key-id.ts';
import { makeCertificate, type CertificateTemplate, type Signer } from '../../../core/crypto/x509/make-certificate.ts';
import { EMPTY_SUBJECT, encodeName, nameOf } from '../../../core/crypto/x509/name.ts';
import { certificateId, encodeOcspRequest } from '../../../core/crypto/x509/ocsp.ts';
import { EXTENSION } from '../../../core/crypto/x509/oids.ts';
import { makeRequest } from '../../../core/crypto/x509/request.ts';
import { makeRevocationList } from '../../../core/crypto/x509/revocation-list.ts';
import { nodeCrypto } from '../../../host/crypto.ts';

const crypto = nodeCrypto();
const random = drbg(encodeUtf8('documents'));

/** 2020 and 2090. */
const FROM = 1_577_836_800;
const UNTIL = 3_786_912_000;
const CA_USAGE = 0x60;

const rsa = { kind: 'rsa', key: await crypto.rsaGenerate(2048, random) } as const;
const p256 = { kind: 'ecdsa', key: crypto.ecdsaGenerate('p256', random) } as const;
const p384 = { kind: 'ecdsa', key: crypto.ecdsaGenerate('p384', random) } as const;
const ed25519 = { kind: 'ed25519', seed: random(32) } as const;

const name = (commonName: string): Uint8Array =>
  encodeName(nameOf({ ...EMPTY_SUBJECT, commonName, organization: ['Org'], country: ['CH'] }));

const byEcdsa: Signer = { key: p256, algorithm: { kind: 'ecdsa', hash: 'sha256' } };
const byRsa: Signer = { key: rsa, algorithm: { kind: 'rsa', hash: 'sha256', pss: false } };
const byEd25519: Signer = { key: ed25519, algorithm: { kind: 'ed25519' } };
const names = {
  ...NO_NAMES,
  dns: ['a.example.com', '*.example.com'],
  emails: ['a@example.com'],
  uris: ['spiffe://a/b'],
};

function certificate(own: PrivateKey, signer: Signer, more: Partial<CertificateTemplate>): Promise<Uint8Array> {
  const publicKey = publicKeyOf(crypto, own);
  const template = {
    serial: Uint8Array.of(0x11, 0x22, 0x33),
    rawIssuer: name('Root'),
    rawSubject: name('Root'),
    notBefore: FROM,
    notAfter: UNTIL,
    publicKey,
    subjectKeyId: subjectKeyId(crypto, publicKey),
    authorityKeyId: subjectKeyId(crypto, publicKeyOf(crypto, signer.key)),
  };
  return makeCertificate(crypto, { ...template, ...more }, signer, random);
}

const authority = { keyUsage: CA_USAGE, basicConstraints: { isCa: true } };
const leaf = { rawSubject: name('a.example.com'), keyUsage: 0x80, extKeyUsage: ['1.3.6.1.5.5.7.3.2'], names };

export const root = await certificate(p256, byEcdsa, authority);
export const roots = [
  root,
  await certificate(rsa, byRsa, { ...authority, policies: ['1.2.3.4'] }),
  await certificate(ed25519, byEd25519, {
    ...authority,
    basicConstraints: { isCa: true, maxPathLength: 1 },
    nameConstraints: {
      critical: true,
      permitted: { ...NO_SUBTREES, dns: ['example.com'] },
      excluded: NO_SUBTREES,
    },
  }),
];
export const leaves = [
  await certificate(p384, byEcdsa, { ...leaf, crlDistributionPoints: ['http://127.0.0.1:1/crl'] }),
  await certificate(rsa, byEcdsa, { ...leaf, authorityInfo: { ocsp: ['http://127.0.0.1:1'], caIssuers: [] } }),
];

const request = (signer: Signer): Promise<Uint8Array> => {
  const extensions = [
    { oid: EXTENSION.subjectAltName, critical: false, value: encodeAlternativeNames(names) },
    { oid: EXTENSION.basicConstraints, critical: true, value: Uint8Array.of(0x30, 3, 1, 1, 0xff) },
  ];
  return makeRequest(crypto, { rawSubject: name('a.example.com'), extensions }, signer, random);
};
export const requests = await Promise.all([byEcdsa, byRsa, byEd25519].map(request));

const authorityKeyId = subjectKeyId(crypto, publicKeyOf(crypto, p256));
export const lists = await Promise.all(
  [[], [{ serial: Uint8Array.of(0x11, 0x22, 0x33), at: FROM, extensions: [] }]].map((revoked) =>
    makeRevocationList(
      crypto,
      { rawIssuer: name('Root'), authorityKeyId, number: 7, thisUpdate: FROM, nextUpdate: UNTIL, revoked },
      byEcdsa,
      random,
    ),
  ),
);

const id = certificateId(crypto, 'sha1', parseCertificate(root), Uint8Array.of(0x11, 0x22, 0x33));
export const ocspRequests = [encodeOcspRequest(id), encodeOcspRequest(id, random(16))];

const privates: readonly PrivateKey[] = [p256, rsa, p384, ed25519];
export const keys = privates.map((key) => toPkcs8(crypto, key));
export const rootKey = keys[0]!;
export const pkcs1Keys = [toPkcs1(rsa.key)];
export const pkcs1PublicKeys = [toPkcs1Public(rsa.key)];
export const sec1Keys = [p256, p384].map(({ key }) => toSec1(crypto, key));
export const publicKeys = privates.map((key) => toSpki(publicKeyOf(crypto, key)));

export const claims = { iss: 'https://a', sub: 'ann', aud: ['app', 'b'], exp: UNTIL, iat: FROM, nbf: FROM, n: 1.5 };
export const headers = [{ alg: 'ES256', kid: 'a', typ: 'JWT' }, { alg: 'ES256' }];
const part = (given: string): string => encodeBase64RawUrl(encodeUtf8(given));
/** Well signed, whatever the texts are. */
export function signedToken(header: string, payload: string): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${encodeBase64RawUrl(crypto.ecdsaSign(p256.key, crypto.hash('sha256', encodeUtf8(signed))))}`;
}
export const tokens = headers.map((header) => signedToken(JSON.stringify(header), JSON.stringify(claims)));

const publicSsh = privates.map((key) => sshPublicKey(publicKeyOf(crypto, key)));
const sshCertificates = publicSsh.map((key) =>
  signCertificate(crypto, p256, 'default', {
    key,
    nonce: random(32),
    serial: 1n,
    type: 'user',
    keyId: 'id',
    principals: ['ann', 'bob'],
    validAfter: FROM,
    validBefore: UNTIL,
    criticalOptions: new Map([['source-address', '10.0.0.0/8']]),
    extensions: new Map([['permit-pty', '']]),
  }),
);
/** Lines of authorized_keys. */
export const sshKeys = [...publicSsh.map(authorizedKey), ...sshCertificates];
export const sshPrivates = privates.map((key) => sshPrivatePem(crypto, key, random));

const jwkOf = (kid: string, members: Readonly<Record<string, Uint8Array>>, more: object): object => ({
  use: 'sig',
  kid,
  ...more,
  ...Object.fromEntries(Object.entries(members).map(([member, bytes]) => [member, encodeBase64RawUrl(bytes)])),
});
const point = crypto.ecdsaPublic(p256.key);
/** Key sets as providers publish them. */
export const keySets = [
  {
    keys: [
      jwkOf('r', { n: rsa.key.modulus, e: Uint8Array.of(1, 0, 1) }, { kty: 'RSA', alg: 'RS256' }),
      jwkOf('e', { x: point.slice(1, 33), y: point.slice(33) }, { kty: 'EC', crv: 'P-256' }),
    ],
  },
  { keys: [jwkOf('o', { x: crypto.ed25519Public(ed25519.seed) }, { kty: 'OKP', crv: 'Ed25519' })] },
];

/** Keys, certificates and signed messages. */
import { readFileSync } from 'node:fs';
import { Base64Error, encodeBase64, encodeBase64RawUrl } from '../../../core/codec/base64.ts';
import { DerError } from '../../../core/codec/der-reader.ts';
import { JsonError } from '../../../core/codec/json.ts';
import { decodePems, encodePem } from '../../../core/codec/pem.ts';
import { SshError, SshReader } from '../../../core/codec/ssh-wire.ts';
import { encodeUtf8 } from '../../../core/codec/utf8.ts';
import { JwkError, parseJwks } from '../../../core/crypto/jws/jwk.ts';
import { JwsError, parseJws } from '../../../core/crypto/jws/jws.ts';
import { KeyError } from '../../../core/crypto/keys/key-error.ts';
import { publicKeyOf, type PrivateKey } from '../../../core/crypto/keys/key.ts';
import { parsePrivatePem, parsePublicPem } from '../../../core/crypto/keys/pem.ts';
import {
  parsePkcs1,
  parsePkcs8,
  parseSec1,
  toPkcs1,
  toPkcs8,
  toSec1,
} from '../../../core/crypto/keys/private-container.ts';
import { parsePkcs1Public, parseSpki, toSpki } from '../../../core/crypto/keys/public-container.ts';
import { readEntity } from '../../../core/crypto/openpgp/key.ts';
import { OpenPgpError } from '../../../core/crypto/openpgp/packets.ts';
import { signCertificate } from '../../../core/crypto/ssh/certificate.ts';
import { parseSshPrivateKey, sshPrivatePem } from '../../../core/crypto/ssh/private-key.ts';
import { blobOf, parseBlob, parseSshPublicKey, sshPublicKey } from '../../../core/crypto/ssh/public-key.ts';
import { certificatePem, isSignedBy, parseCertificate } from '../../../core/crypto/x509/certificate.ts';
import { X509Error } from '../../../core/crypto/x509/error.ts';
import {
  certificateId,
  encodeOcspRequest,
  parseOcspRequest,
  parseOcspResponse,
} from '../../../core/crypto/x509/ocsp.ts';
import { parseRequest } from '../../../core/crypto/x509/request.ts';
import { parseRevocationList } from '../../../core/crypto/x509/revocation-list.ts';
import { parseBundle } from '../../../core/auth/cert/certificates.ts';
import { ImportProblem, parseIssuer, parseKeyBlock } from '../../../core/engines/pki/imports.ts';
import { nodeCrypto } from '../../../host/crypto.ts';
import { drbg } from '../../../core/crypto/drbg.ts';
import { portableCrypto } from '../../../core/crypto/portable.ts';
import { OPENPGP_KEYS } from '../documents/openpgp-samples.ts';
import { bytes, text, type InputReader } from './parser.ts';

const MALFORMED = [DerError, X509Error, KeyError];
const file = readFileSync(new URL('../../../core/crypto/x509/real.golden.txt', import.meta.url), 'utf8');

/** Made of test primes: quick, and the same each time. */
async function sampleKeys(): Promise<PrivateKey[]> {
  const crypto = portableCrypto();
  const random = drbg(Uint8Array.of(5));
  return [
    { kind: 'rsa', key: await crypto.rsaGenerate(2048, random) },
    { kind: 'ecdsa', key: crypto.ecdsaGenerate('p256', random) },
    { kind: 'ecdsa', key: crypto.ecdsaGenerate('p521', random) },
    { kind: 'ed25519', seed: random(32) },
    { kind: 'mldsa', level: 44, seed: random(32) },
  ];
}

export async function cryptoReaders(): Promise<InputReader[]> {
  const crypto = nodeCrypto();
  const keys = await sampleKeys();
  const [rsa] = keys.flatMap((key) => (key.kind === 'rsa' ? [key.key] : []));
  const ecdsa = keys.flatMap((key) => (key.kind === 'ecdsa' ? [key.key] : []));
  const real = decodePems(file);
  const of = (type: string): Uint8Array[] => real.filter((block) => block.type === type).map((block) => block.bytes);
  const certificates = of('CERTIFICATE');
  const requests = of('CERTIFICATE REQUEST');
  const lists = of('X509 CRL');
  const root = parseCertificate(certificates[1]!);
  const rootKey = root.publicKey!;
  const pkcs8 = keys.map((key) => toPkcs8(crypto, key));
  const spki = keys.map((key) => toSpki(publicKeyOf(crypto, key)));
  const pems = [
    ...certificates.map((one) => certificatePem(one)),
    ...pkcs8.map((one) => encodePem('PRIVATE KEY', one)),
    ...spki.map((one) => encodePem('PUBLIC KEY', one)),
    encodePem('RSA PRIVATE KEY', toPkcs1(rsa!)),
    encodePem('EC PRIVATE KEY', toSec1(crypto, ecdsa[0]!)),
    `${certificatePem(certificates[0]!)}\n${certificatePem(certificates[1]!)}`,
  ];
  const pemWords = [
    '-----BEGIN ',
    '-----END ',
    '-----',
    'CERTIFICATE',
    'RSA PRIVATE KEY',
    'PUBLIC KEY',
    'Proc-Type: 4,ENCRYPTED\n\n',
  ];
  const pem = {
    samples: pems,
    words: pemWords,
    nested: [
      ['-----BEGIN CERTIFICATE-----\n', ''],
      ['a:b\n', ''],
    ],
  } as const;
  return [
    bytes('X.509 certificate', {
      samples: certificates,
      // What a reader of certificates does next.
      read: (der) => isSignedBy(crypto, parseCertificate(der), rootKey),
      refusals: MALFORMED,
    }),
    bytes('PKCS#10 request', { samples: requests, read: parseRequest, refusals: MALFORMED }),
    bytes('X.509 revocation list', { samples: lists, read: parseRevocationList, refusals: MALFORMED }),
    bytes('OCSP request', {
      samples: [encodeOcspRequest(certificateId(crypto, 'sha1', root, Uint8Array.of(1, 2, 3)))],
      read: parseOcspRequest,
      refusals: MALFORMED,
    }),
    bytes('OCSP response', {
      samples: [Uint8Array.of(0x30, 3, 10, 1, 6), ...lists],
      read: parseOcspResponse,
      refusals: MALFORMED,
    }),
    bytes('PKCS#8 key', { samples: pkcs8, read: parsePkcs8, refusals: MALFORMED }),
    bytes('PKCS#1 key', { samples: [toPkcs1(rsa!)], read: parsePkcs1, refusals: MALFORMED }),
    bytes('PKCS#1 public key', {
      samples: [Uint8Array.of(0x30, 6, 2, 1, 35, 2, 1, 3)],
      read: parsePkcs1Public,
      refusals: MALFORMED,
    }),
    bytes('SEC 1 key', {
      samples: ecdsa.map((key) => toSec1(crypto, key)),
      read: (der) => parseSec1(der),
      refusals: MALFORMED,
    }),
    bytes('SubjectPublicKeyInfo', { samples: spki, read: parseSpki, refusals: MALFORMED }),
    text('PEM', { ...pem, read: decodePems, refusals: [] }),
    text('PEM private key', { ...pem, read: parsePrivatePem, refusals: MALFORMED }),
    text('PEM public key', { ...pem, read: parsePublicPem, refusals: MALFORMED }),
    text('PKI issuer', { ...pem, read: parseIssuer, refusals: [ImportProblem, ...MALFORMED] }),
    text('PKI key', { ...pem, read: parseKeyBlock, refusals: [ImportProblem] }),
    text('trusted certificates', { ...pem, read: parseBundle, refusals: [] }),
    bytes('OpenPGP key', {
      samples: OPENPGP_KEYS.map((key) => Buffer.from(key, 'base64')),
      read: (given) => readEntity(given, crypto),
      refusals: [OpenPgpError],
    }),
    ...sshReaders(keys),
    ...signedReaders(),
  ];
}

function sshReaders(keys: readonly PrivateKey[]): InputReader[] {
  const crypto = portableCrypto();
  const own = keys.filter((key) => key.kind !== 'mldsa');
  const publics = own.map((key) => sshPublicKey(publicKeyOf(crypto, key)));
  const privates = own.map((key) => sshPrivatePem(crypto, key, drbg(Uint8Array.of(1))));
  const certificates = publics.map((key) =>
    signCertificate(crypto, own[3]!, 'default', {
      key,
      nonce: new Uint8Array(32),
      serial: 1n,
      type: 'user',
      keyId: 'id',
      principals: ['alice', 'bob'],
      validAfter: 0,
      validBefore: 1,
      criticalOptions: new Map([['source-address', '10.0.0.0/8']]),
      extensions: new Map([['permit-pty', '']]),
    }),
  );
  const blobs = [
    ...publics.map(blobOf),
    ...certificates.map((line) => Uint8Array.from(Buffer.from(line.split(' ')[1]!, 'base64'))),
  ];
  const containers = decodePems(privates.join('\n'));
  return [
    bytes('OpenSSH public key or certificate', { samples: blobs, read: parseBlob, refusals: [SshError] }),
    text('OpenSSH key line', {
      samples: [...publics.map((key) => `${key.algorithm} ${encodeBase64(blobOf(key))} me@here`), ...certificates],
      words: ['ssh-rsa ', 'ssh-ed25519 ', 'AAAA', '='],
      read: parseSshPublicKey,
      refusals: [SshError, Base64Error],
    }),
    bytes('OpenSSH private key', {
      samples: containers.map((block) => block.bytes),
      read: (given) => parseSshPrivateKey(crypto, encodePem('OPENSSH PRIVATE KEY', given)),
      refusals: [SshError, ...MALFORMED],
    }),
    text('PEM for SSH', {
      samples: privates,
      words: ['-----BEGIN ', 'OPENSSH PRIVATE KEY', 'RSA PRIVATE KEY'],
      read: (given) => parseSshPrivateKey(crypto, given),
      refusals: [SshError, ...MALFORMED],
    }),
    bytes('SSH wire', {
      samples: blobs,
      read: (given) => {
        const reader = new SshReader(given);
        while (!reader.atEnd) reader.bytes();
      },
      refusals: [SshError],
    }),
  ];
}

function signedReaders(): InputReader[] {
  const part = (given: string): string => encodeBase64RawUrl(encodeUtf8(given));
  const headers = [
    '{"alg":"RS256","kid":"a","typ":"JWT"}',
    '{"alg":"none"}',
    '{"alg":"ES256","crit":["b64"],"jwk":{"kty":"EC"}}',
  ];
  const claims = '{"iss":"https://a","aud":["b","c"],"exp":1795820675,"nbf":1.5,"groups":["x"]}';
  const jwk =
    '{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}';
  const keySets = [
    `{"keys":[${jwk}]}`,
    '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
    '{"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4","e":"AQAB","alg":"RS256","use":"sig"}]}',
  ];
  const json = ['"', '{', '}', '[', ']', ':', ',', 'null', '"alg"', '"kid"', '"jwk"', '"crit"', '"kty"', '"x5c"'];
  const nested = [
    ['[', ']'],
    ['{"keys":[', ']}'],
  ] as const;
  return [
    text('JWT', {
      samples: headers.map((head) => `${part(head)}.${part(claims)}.c2ln`),
      words: ['.', '=', 'e30', '{"payload":"e30","protected":"e30","signature":""}'],
      nested,
      read: (token) => parseJws(token),
      refusals: [JwsError],
    }),
    text('header of a JWT', {
      samples: headers,
      words: json,
      nested,
      read: (head) => parseJws(`${part(head)}.e30.c2ln`),
      refusals: [JwsError],
    }),
    text('JWS as JSON', {
      samples: [
        `{"payload":"${part(claims)}","protected":"${part(headers[0]!)}","signature":"c2ln"}`,
        `{"payload":"e30","signatures":[{"protected":"${part(headers[1]!)}","header":{},"signature":"c2ln"}]}`,
      ],
      words: json,
      nested,
      read: (token) => parseJws(token),
      refusals: [JwsError],
    }),
    text('JWK set', {
      samples: keySets,
      words: json,
      nested,
      read: (given) => parseJwks(encodeUtf8(given)),
      refusals: [JwkError, JsonError],
    }),
  ];
}

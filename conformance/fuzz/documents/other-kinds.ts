/** Tokens, keys of SSH and transit, templates, programs and policies. */
import { constants, createCipheriv, createHash, publicEncrypt, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { decodePem } from '../../../core/codec/pem.ts';
import type { Step } from '../../case.ts';
import { bentBytes, bentText } from '../inputs/bend.ts';
import { bentBase64, bentJson, bentPem, pem, post, JSON_WORDS, type DocumentKind } from './kinds.ts';
import { OPENPGP_KEYS } from './openpgp-samples.ts';
import * as samples from './samples.ts';

const [PUBLIC] = pem('PUBLIC KEY', samples.publicKeys);
const jwt = [
  post('sys/auth/jwt', { type: 'jwt' }),
  post('auth/jwt/config', { jwt_validation_pubkeys: [PUBLIC] }),
  post('auth/jwt/role/app', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['app'],
    claim_mappings: { n: 'n' },
  }),
];
const login = (token: string): Step => post('auth/jwt/login', { role: 'app', jwt: token });
const publicKeys = bentPem('PUBLIC KEY', samples.publicKeys);

const jwtKinds: readonly DocumentKind[] = [
  {
    name: 'jwt/token',
    before: jwt,
    documents: bentText(samples.tokens, ['.', '=', 'e30', 'eyJhbGciOiJub25lIn0']),
    send: login,
  },
  {
    name: 'jwt/header',
    before: jwt,
    documents: bentJson(samples.headers, ['"alg"', '"crit"', '"jwk"', '"x5c"', '"b64"', '"nonce"', '"RS256"']).map(
      (header) => samples.signedToken(header, JSON.stringify(samples.claims)),
    ),
    send: login,
  },
  {
    name: 'jwt/claims',
    before: jwt,
    documents: bentJson(
      [samples.claims],
      ['"iss"', '"exp"', '"nbf"', '"iat"', '"aud"', '"sub"', '9223372036854775808'],
    ).map((claims) => samples.signedToken(JSON.stringify(samples.headers[0]), claims)),
    send: login,
  },
  {
    name: 'jwt/config',
    before: jwt.slice(0, 1),
    documents: fc.oneof(publicKeys, bentPem('CERTIFICATE', samples.roots)),
    send: (key) => post('auth/jwt/config', { jwt_validation_pubkeys: [key] }),
  },
  {
    name: 'jwt/config/pkcs1',
    before: jwt.slice(0, 1),
    documents: bentPem('RSA PUBLIC KEY', samples.pkcs1PublicKeys),
    send: (key) => post('auth/jwt/config', { jwt_validation_pubkeys: [key] }),
  },
  {
    name: 'jwt/jwks',
    before: jwt.slice(0, 1),
    fetched: true,
    documents: bentJson(samples.keySets, [
      '"kty"',
      '"RSA"',
      '"EC"',
      '"oct"',
      '"k"',
      '"d"',
      '"x5c"',
      '"P-384"',
      '"AQAB"',
    ]),
    send: (_, jwks_url) => post('auth/jwt/config', { jwks_url }),
  },
  {
    name: 'jwt/ca',
    before: jwt.slice(0, 1),
    documents: bentPem('CERTIFICATE', samples.roots),
    send: (jwks_ca_pem) =>
      post('auth/jwt/config', { jwks_url: 'https://127.0.0.1:1', jwks_ca_pem, skip_jwks_validation: true }),
  },
  {
    name: 'kubernetes/config',
    before: [post('sys/auth/kubernetes', { type: 'kubernetes' })],
    documents: fc.oneof(publicKeys, bentPem('CERTIFICATE', samples.leaves)),
    send: (key) =>
      post('auth/kubernetes/config', { kubernetes_host: 'https://h', kubernetes_ca_cert: 'x', pem_keys: [key] }),
  },
];

const ssh = [post('sys/mounts/ssh', { type: 'ssh' })];
const sshRole = { key_type: 'ca', allow_user_certificates: true, allowed_users: '*', default_user: 'ann', ttl: '1h' };
const [sshPrivate] = samples.sshPrivates;
const [sshPublic] = samples.sshKeys;
const sshKinds: readonly DocumentKind[] = [
  {
    name: 'ssh/sign',
    before: [
      ...ssh,
      post('ssh/config/ca', { generate_signing_key: false, private_key: sshPrivate, public_key: sshPublic }),
      post('ssh/roles/any', sshRole),
    ],
    documents: bentText(samples.sshKeys, ['ssh-rsa ', 'ssh-ed25519 ', 'AAAA', '=', ' ', 'command="x" ']),
    send: (public_key) => post('ssh/sign/any', { public_key }),
  },
  {
    name: 'ssh/config/ca',
    before: ssh,
    documents: fc.oneof(
      bentText(samples.sshPrivates, ['-----BEGIN ', 'OPENSSH PRIVATE KEY', 'RSA PRIVATE KEY', '=']),
      bentBytes(samples.sshPrivates.map((text) => decodePem(text)!.block.bytes)).map(
        (bytes) => pem('OPENSSH PRIVATE KEY', [bytes])[0]!,
      ),
      bentPem('PRIVATE KEY', samples.keys),
    ),
    send: (private_key) => post('ssh/issuers/import/x', { private_key, public_key: sshPublic }),
  },
];

/** As clients wrap it: the key under an ephemeral one, and that one under the server's. */
function wrapped(key: Uint8Array, wrappingKey: string): string {
  const ephemeral = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', ephemeral, Buffer.from('a65959a6', 'hex'));
  const padding = { key: wrappingKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return Buffer.concat([publicEncrypt(padding, ephemeral), cipher.update(key), cipher.final()]).toString('base64');
}

/** A document that only one of the servers takes does not stand in the next one's way. */
const nameFor = (document: string): string => createHash('sha256').update(document).digest('hex').slice(0, 16);

const transit = [post('sys/mounts/transit', { type: 'transit' })];
const TYPES = ['ecdsa-p256', 'rsa-2048', 'ecdsa-p384', 'ed25519'];
const transitKinds: readonly DocumentKind[] = [
  ...TYPES.map((type, at): DocumentKind => ({
    name: `transit/import/${type}`,
    before: transit,
    wraps: true,
    documents: bentBytes([samples.keys[at]!, samples.keys[at]!, ...samples.keys])
      .filter((key) => key.length > 0)
      .map((key) => Buffer.from(key).toString('base64')),
    send: (key, wrappingKey) =>
      post(`transit/keys/${nameFor(key)}/import`, {
        type,
        ciphertext: wrapped(Buffer.from(key, 'base64'), wrappingKey),
      }),
  })),
  {
    name: 'transit/import-public',
    before: transit,
    documents: publicKeys,
    send: (public_key) => post(`transit/keys/${nameFor(public_key)}/import`, { type: 'rsa-2048', public_key }),
  },
  {
    name: 'transit/set-certificate',
    before: [...transit, post('transit/keys/own', { type: 'ecdsa-p256' })],
    documents: bentPem('CERTIFICATE', [...samples.roots, ...samples.leaves]),
    send: (certificate_chain) => post('transit/keys/own/set-certificate', { certificate_chain }),
  },
  {
    name: 'transit/csr',
    before: [...transit, post('transit/keys/own', { type: 'ecdsa-p256' })],
    documents: bentPem('CERTIFICATE REQUEST', samples.requests),
    send: (csr) => post('transit/keys/own/csr', { csr }),
  },
];

const openPgpKinds: readonly DocumentKind[] = [
  {
    name: 'pgp/rotate',
    before: [],
    global: true,
    documents: bentBase64(OPENPGP_KEYS.map((key) => Buffer.from(key, 'base64'))),
    // The second key is none, so that no rotation begins.
    send: (key) => post('sys/rotate/root/init', { secret_shares: 2, secret_threshold: 2, pgp_keys: [key, 'AAAA'] }),
  },
];

const TEMPLATES = [
  '{"name":{{identity.entity.name}},"groups":{{identity.entity.groups.names}},"at":{{time.now}}}',
  '{"m":{{identity.entity.metadata.a}},"k":{"n":{{identity.entity.aliases.x.name}}},"t":{{time.now.plus.1h}}}',
];
const PROGRAMS = [
  "request.common_name.endsWith('.example.com') && size(request.alt_names) < 3",
  "has(claims.groups) && 'a' in claims.groups ? claims.n > 1.5 : claims.sub.matches('^a+$')",
  "[1,2,3].map(x, x * 2).exists(x, x == 4u) || duration('1h') > timestamp('2020-01-01T00:00:00Z') - now",
];
const CEL = `&& || ? : ( ) [ ] { } . ' in has( map( 1u 0x1 b"a" !`.split(' ');
const textKinds: readonly DocumentKind[] = [
  {
    name: 'identity/template',
    before: [post('identity/oidc/key/any', { allowed_client_ids: ['*'] })],
    documents: bentText(TEMPLATES, [...JSON_WORDS, '{{', '}}', 'identity.', 'time.now', 'entity.id']),
    send: (template) => post('identity/oidc/role/a', { key: 'any', template }),
  },
  {
    name: 'pki/cel',
    before: [post('sys/mounts/pki', { type: 'pki' })],
    documents: bentText(PROGRAMS, CEL),
    send: (success) => post('pki/cel/roles/a', { cel_program: { variables: [], expression: success } }),
  },
  {
    name: 'jwt/cel',
    before: jwt,
    documents: bentText(PROGRAMS, CEL),
    send: (expression) => post('auth/jwt/cel/role/a', { cel_program: { expression } }),
  },
  {
    name: 'policy',
    before: [],
    documents: bentText(
      [
        'path "secret/*" {\n  capabilities = ["create", "read"]\n  required_parameters = ["a"]\n}\n',
        'path "a/+/b" {\n  policy = "write"\n  min_wrapping_ttl = "1m"\n  allowed_parameters = { "x" = ["1", 2], "*" = [] }\n}',
      ],
      ['path', '"', '{', '}', '[', ']', '=', 'capabilities', 'deny', 'sudo', '"*"', '"+"', '<<EOF\n', '# ', '//'],
    ),
    send: (policy) => post('sys/policies/acl/a', { policy }),
  },
  {
    name: 'password policy',
    before: [],
    documents: bentText(
      [
        'length = 20\nrule "charset" {\n  charset = "abcde"\n  min-chars = 1\n}\n',
        'length=8\nrule "charset" { charset = "aä" }',
      ],
      ['length', 'rule', '"charset"', '{', '}', '=', 'min-chars', '-1', '"'],
    ),
    send: (policy) => post('sys/policies/password/a', { policy }),
  },
  {
    name: 'ssh/template',
    before: ssh,
    documents: bentText(
      ['{{identity.entity.name}}', 'u-{{identity.entity.metadata.a}},b'],
      ['{{', '}}', 'identity.', ','],
    ),
    send: (text) => post('ssh/roles/a', { ...sshRole, allowed_users: text, allowed_users_template: true }),
  },
];

export const otherKinds: readonly DocumentKind[] = [
  ...jwtKinds,
  ...sshKinds,
  ...transitKinds,
  ...openPgpKinds,
  ...textKinds,
];

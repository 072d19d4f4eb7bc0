/** Certificates: for a key that the client has, or for one that is made for it. */
import { encodeHex } from '../../codec/hex.ts';
import type { JsonObject } from '../../codec/json.ts';
import { SshError } from '../../codec/ssh-wire.ts';
import { ECDSA_ENTROPY } from '../../crypto/crypto.ts';
import { signCertificate, type CertificateAlgorithm } from '../../crypto/ssh/certificate.ts';
import { parseSshPrivateKey } from '../../crypto/ssh/private-key.ts';
import { blobOf, type SshPublicKey } from '../../crypto/ssh/public-key.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { SECOND, type Micros } from '../../runtime.ts';
import { sshPaths, type SshCall } from './call.ts';
import { issuerOf } from './issuer.ts';
import { checkIssued, checkSigned } from './key-lengths.ts';
import { keyErrorText, KeyPairError, makeKeyPair, parsedPublicKey } from './key-pair.ts';
import { filled, isTemplate, principalsFor, refusing } from './principals.ts';
import type { SshRole } from './role.ts';
import { texts } from './role-paths.ts';

const requestFields = {
  role: field.string('Name of the role.', { required: true }),
  ttl: field.duration('How long the certificate is to last.'),
  valid_principals: field.string('Users or hosts that it is for, with commas.'),
  cert_type: field.string('"user" or "host".', { default: 'user' }),
  key_id: field.string('What the server writes into its log.', { always: true }),
  critical_options: field.map('Critical options.', { always: true }),
  extensions: field.map('Extensions.', { always: true }),
};

interface CertificateInput {
  readonly role: string;
  readonly ttl: Micros | undefined;
  readonly valid_principals: string | undefined;
  readonly cert_type: string;
  readonly key_id: string;
  readonly critical_options: JsonObject;
  readonly extensions: JsonObject;
}

/** The data of the answer, and its warnings. */
async function certify(
  sent: CertificateInput,
  role: SshRole,
  key: SshPublicKey,
  call: SshCall,
): Promise<{ readonly data: JsonObject; readonly warnings?: string[] }> {
  const keyId = keyIdOf(sent, role, key, call);
  const type = typeOf(sent.cert_type, role);
  const principals = await principalsFor(type, sent.valid_principals, role, call);
  const ttl = ttlOf(sent.ttl, role, call);
  const criticalOptions = criticalOptionsOf(sent.critical_options, role);
  const { extensions, skipped } = await extensionsOf(sent.extensions, role, call);
  const issuer = await issuerOf(call.store, role.issuer_ref);
  const now = call.now();
  const serial = BigInt(`0x${encodeHex(call.random.bytes(8))}`);
  const contents = {
    key,
    nonce: call.random.bytes(32),
    serial,
    type,
    keyId,
    principals,
    validAfter: Math.floor((now - role.not_before_duration) / SECOND),
    validBefore: Math.floor((now + ttl) / SECOND),
    criticalOptions: new Map(Object.entries(criticalOptions)),
    extensions,
  };
  const signed_key = signed(issuer.privateKey, role.algorithm_signer as CertificateAlgorithm, contents, call);
  const data = { serial_number: serial.toString(16), signed_key, issuer_id: issuer.id };
  return skipped ? { data, warnings: [SKIPPED] } : { data };
}

const SKIPPED =
  'default_extension templating enabled with at least one extension requiring identity templating. However, this request lacked identity entity information, causing one or more extensions to be skipped from the generated certificate.';

function signed(
  privateKey: string,
  algorithm: CertificateAlgorithm,
  contents: Parameters<typeof signCertificate>[3],
  { runtime: { crypto, random } }: SshCall,
): string {
  try {
    const key = parseSshPrivateKey(crypto, privateKey);
    return signCertificate(crypto, key, algorithm, contents, random.bytes(ECDSA_ENTROPY));
  } catch (error) {
    throw error instanceof SshError
      ? failure(error.message)
      : failure(`failed to parse stored CA private key: ${keyErrorText(error)}`);
  }
}

function keyIdOf({ key_id, role: name }: CertificateInput, role: SshRole, key: SshPublicKey, call: SshCall): string {
  if (key_id !== '') {
    if (!role.allow_user_key_ids) throw refuse('setting key_id is not allowed by role');
    return key_id;
  }
  const displayName = call.request.caller?.displayName ?? '';
  const usual = displayName === '' ? 'vault-{{public_key_hash}}' : 'vault-{{token_display_name}}-{{public_key_hash}}';
  const format = role.key_id_format === '' ? usual : role.key_id_format;
  return format
    .replaceAll('{{token_display_name}}', () => displayName)
    .replaceAll('{{role_name}}', () => name)
    .replaceAll('{{public_key_hash}}', () => encodeHex(call.runtime.crypto.hash('sha256', blobOf(key))));
}

function typeOf(sent: string, role: SshRole): 'user' | 'host' {
  if (sent !== 'user' && sent !== 'host') throw refuse("cert_type must be either 'user' or 'host'");
  const allowed = sent === 'user' ? role.allow_user_certificates : role.allow_host_certificates;
  if (!allowed) throw refuse(`cert_type '${sent}' is not allowed by role`);
  return sent;
}

/** What the mount says goes where the role is silent; only who asks for too much is refused. */
function ttlOf(sent: Micros | undefined, role: SshRole, { system }: SshCall): Micros {
  const ttl = (sent ?? role.ttl) || system.defaultLeaseTtl();
  const max = role.max_ttl || system.maxLeaseTtl();
  if (ttl <= max) return ttl;
  if (sent !== undefined) throw refuse(`ttl is larger than maximum allowed ${Math.floor(max / SECOND)}`);
  return max;
}

function criticalOptionsOf(sent: JsonObject, role: SshRole): Readonly<Record<string, string>> {
  if (Object.keys(sent).length === 0) return role.default_critical_options;
  const allowed = role.allowed_critical_options;
  const others = allowed === '' ? [] : notIn(sent, allowed);
  if (others.length > 0) throw refuse(`critical options not on allowed list: [${others.join(' ')}]`);
  return texts(sent);
}

const notIn = (sent: JsonObject, list: string): string[] => {
  const allowed = list.split(',');
  return Object.keys(sent)
    .filter((name) => !allowed.includes(name))
    .sort();
};

interface Extensions {
  readonly extensions: ReadonlyMap<string, string>;
  /** Whether some of the role's own were left out, because it is not known who asks. */
  readonly skipped: boolean;
}

async function extensionsOf(sent: JsonObject, role: SshRole, call: SshCall): Promise<Extensions> {
  if (Object.keys(sent).length > 0) {
    const others = role.allowed_extensions === '*' ? [] : notIn(sent, role.allowed_extensions);
    if (others.length > 0) throw refuse(`extensions [${others.join(' ')}] are not on allowed list`);
    return { extensions: new Map(Object.entries(texts(sent))), skipped: false };
  }
  const usual = Object.entries(role.default_extensions);
  if (!role.default_extensions_template) return { extensions: new Map(usual), skipped: false };
  const known = (call.request.caller?.entityId ?? '') !== '';
  const extensions = new Map<string, string>();
  for (const [name, value] of usual) {
    if (known || !isTemplate(value)) extensions.set(name, await refusing(filled(value, call, [])));
  }
  return { extensions, skipped: extensions.size < usual.length };
}

async function sign(
  { public_key, ...sent }: CertificateInput & { readonly public_key: string },
  call: SshCall,
): Promise<Answer> {
  const role = await call.store.roles.get(sent.role);
  if (role === undefined) throw refuse(`Unknown role: ${sent.role}`);
  if (public_key === '') throw refuse('missing public_key');
  const key = parsedPublicKey(public_key, 'failed to parse public_key as SSH key: ');
  checkSigned(role.allowed_user_key_lengths, key);
  return reply(await certify(sent, role, key, call));
}

async function issue(
  { key_type, key_bits, ...sent }: CertificateInput & { readonly key_type: string; readonly key_bits: number },
  call: SshCall,
): Promise<Answer> {
  const role = await call.store.roles.get(sent.role);
  if (role === undefined) throw refuse(`unknown role: ${sent.role}`);
  if (role.key_type !== 'ca') throw refuse(`role key type '${role.key_type}' not allowed to issue key pairs`);
  checkIssued(role.allowed_user_key_lengths, key_type, key_bits);
  const pair = await makeKeyPair(call.runtime, key_type, key_bits).catch((error: unknown) => {
    throw error instanceof KeyPairError ? refuse(error.message) : error;
  });
  const key = parsedPublicKey(pair.publicKey, 'failed to parse public_key as SSH key: ');
  const { data, ...rest } = await certify(sent, role, key, call);
  return reply({ data: { ...data, private_key: pair.privateKey, private_key_type: key_type }, ...rest });
}

export const signPaths = sshPaths()
  .path(
    'sign/:role@',
    'A certificate for a key of the client.',
    { ...requestFields, public_key: field.string('The key, as in authorized_keys.', { always: true }) },
    { update: { about: 'Sign a key.', run: sign } },
    { id: { prefix: 'ssh', verb: 'sign', suffix: 'certificate' } },
  )
  .path(
    'issue/:role@',
    'A certificate with a key of its own.',
    {
      ...requestFields,
      key_type: field.string('"rsa", "ec" or "ed25519".', { default: 'rsa' }),
      key_bits: field.int('The size of the key; 0: the usual.', { default: 0 }),
    },
    { update: { about: 'Make a key and sign it.', run: issue } },
    { id: { prefix: 'ssh', verb: 'issue', suffix: 'certificate' } },
  );

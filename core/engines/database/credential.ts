/** What a role's credentials are, and the settings of each kind. */
import { decodePem } from '../../codec/pem.ts';
import type { JsonObject } from '../../codec/json.ts';
import { Fault, refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { decodeDetails } from './plugins/details.ts';
import { nameTemplate } from './username.ts';

/** In the order of the numbers that they are stored as. */
export const credentialTypes = ['password', 'rsa_private_key', 'client_certificate'] as const;
export type CredentialType = (typeof credentialTypes)[number];

export const isCredentialType = (text: string): text is CredentialType =>
  credentialTypes.includes(text as CredentialType);

const NO_BITS = 0;
const RSA_BITS = [2048, 3072, 4096];
const EC_BITS = [224, 256, 384, 521];
const HASH_BITS = [256, 384, 512];

/** What is kept of what a client sent; undefined: nothing new. */
export function credentialConfig(
  type: CredentialType,
  sent: Readonly<Record<string, string>>,
  runtime: Runtime,
): JsonObject | undefined {
  try {
    if (type === 'rsa_private_key') return rsaConfig(sent);
    if (type === 'client_certificate') return certificateConfig(sent, runtime);
    const { password_policy } = decodeDetails(sent, { password_policy: 'text' });
    return password_policy === '' ? undefined : { password_policy };
  } catch (error) {
    throw error instanceof Fault ? refuse(`credential_config validation failed: ${error.message}`) : error;
  }
}

function rsaConfig(sent: JsonObject): JsonObject {
  const { format, key_bits } = decodeDetails(sent, { format: 'text', key_bits: 'int' });
  if (format !== '' && format.toLowerCase() !== 'pkcs8') throw refuse(`invalid format: ${format}`);
  if (key_bits !== NO_BITS && !RSA_BITS.includes(key_bits)) throw refuse(`invalid key_bits: ${key_bits}`);
  return { format: format === '' ? 'pkcs8' : format, key_bits: key_bits === NO_BITS ? RSA_BITS[0]! : key_bits };
}

const CERTIFICATE_FIELDS = {
  common_name_template: 'text',
  ca_cert: 'text',
  ca_private_key: 'text',
  key_type: 'text',
  key_bits: 'int',
  signature_bits: 'int',
} as const;

function certificateConfig(sent: JsonObject, runtime: Runtime): JsonObject {
  const read = decodeDetails(sent, CERTIFICATE_FIELDS);
  const kind = read.key_type.toLowerCase();
  let { key_bits, signature_bits } = read;
  if (kind === 'rsa' || kind === 'ec') {
    const [usual, allowed] = kind === 'rsa' ? ([2048, RSA_BITS] as const) : ([256, EC_BITS] as const);
    key_bits ||= usual;
    if (!allowed.includes(key_bits)) throw refuse('invalid key_bits');
    signature_bits ||= 256;
    if (!HASH_BITS.includes(signature_bits)) throw refuse('invalid signature_bits');
  } else if (kind !== 'ed25519') throw refuse('invalid key_type');
  const { common_name_template, ca_cert, ca_private_key } = read;
  if (common_name_template === '') throw refuse('missing required common_name_template');
  nameTemplate(common_name_template, runtime, (stage, message) =>
    refuse(`${stage === 'parse' ? 'failed to create template' : 'invalid common_name_template'}: ${message}`),
  );
  if (ca_cert === '') throw refuse('missing required ca_cert');
  if (ca_private_key === '') throw refuse('missing required ca_private_key');
  if (decodePem(ca_cert) === undefined || decodePem(ca_private_key) === undefined) {
    throw refuse('no data found in PEM block');
  }
  return { ...read, key_bits, signature_bits };
}

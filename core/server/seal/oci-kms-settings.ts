/** `seal "ocikms" { … }`: variables win over settings; who asks is said by Oracle's own file or variables. */
import { parseBool } from '../../codec/go-bool.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { parsePrivatePem } from '../../crypto/keys/pem.ts';
import { failure } from '../../fault.ts';
import { cloudSettings } from './cloud-setting.ts';
import type { MakeWrapper, SealSources } from './configured.ts';
import { OciKmsWrapper, type OciPrincipal } from './oci-kms-wrapper.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const byKey = withApiKey(settings['auth_type_api_key'] ?? 'false');
  const setting = cloudSettings(settings, sources);
  const required = (name: string, ...variables: readonly string[]): string => {
    const value = setting(name, ...variables);
    if (value === '') throw failure(`'${name}' not found for OCI KMS seal configuration`);
    return value;
  };
  const keyId = required('key_id', 'OCIKMS_WRAPPER_KEY_ID', 'VAULT_OCIKMS_SEAL_KEY_ID');
  const crypto = required('crypto_endpoint', 'OCIKMS_WRAPPER_CRYPTO_ENDPOINT', 'VAULT_OCIKMS_CRYPTO_ENDPOINT');
  const management = required(
    'management_endpoint',
    'OCIKMS_WRAPPER_MANAGEMENT_ENDPOINT',
    'VAULT_OCIKMS_MANAGEMENT_ENDPOINT',
  );
  if (!byKey) throw failure('instance principals are not available: set auth_type_api_key to "true"');
  const plain = (url: string): string => url.replace(/\/$/, '');
  return new OciKmsWrapper(runtime, {
    keyId,
    cryptoEndpoint: plain(crypto),
    managementEndpoint: plain(management),
    principal: principalOf(sources),
  });
};

function withApiKey(text: string): boolean {
  try {
    return parseBool(text);
  } catch {
    throw failure(`failed parsing auth_type_api_key parameter: strconv.ParseBool: parsing "${text}": invalid syntax`);
  }
}

/** From the file of Oracle's tools, then from its variables. */
function principalOf(sources: SealSources): OciPrincipal {
  const file = profileOf(sources);
  const found = (name: string, variable: string): string =>
    file[name] ??
    sources.environment(`TF_VAR_${variable}`) ??
    sources.environment(`OCI_${variable.toUpperCase()}`) ??
    '';
  const required = (name: string, variable: string, more = ''): string => {
    const value = found(name, variable);
    if (value === '') throw unfit(`${name === 'key_file' ? 'private key' : name}${more}`);
    return value;
  };
  const tenancy = required('tenancy', 'tenancy_ocid');
  const user = required('user', 'user_ocid');
  const fingerprint = required('fingerprint', 'fingerprint');
  const path = required('key_file', 'private_key_path');
  required('region', 'region', ', nor for OCI_REGION env var');
  try {
    const key = parsePrivatePem(decodeUtf8(sources.readFile(path)));
    if (key.kind === 'rsa') return { keyId: `${tenancy}/${user}/${fingerprint}`, key: key.key };
  } catch {
    // Told below, whatever it was.
  }
  throw unfit('private key');
}

const unfit = (what: string): Error =>
  failure(
    `error initializing OCI KMS client: failed creating NewKmsCryptoClientWithConfigurationProvider: can not create client, bad configuration: did not find a proper configuration for ${what}`,
  );

/** `[DEFAULT]` of `~/.oci/config`, or of the file that OCI_CONFIG_FILE names. */
function profileOf(sources: SealSources): Readonly<Record<string, string>> {
  const home = sources.environment('HOME') ?? '';
  const path = sources.environment('OCI_CONFIG_FILE') ?? `${home}/.oci/config`;
  let text = '';
  try {
    text = decodeUtf8(sources.readFile(path));
  } catch {
    return {};
  }
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.indexOf('[DEFAULT]') + 1;
  const end = lines.findIndex((line, index) => index >= start && line.startsWith('['));
  const pairs = lines.slice(start, end === -1 ? undefined : end).flatMap((line) => {
    const at = line.indexOf('=');
    return at < 1 || line.startsWith('#') ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
  });
  return Object.fromEntries(pairs.map(([name, value]) => [name, value.replace(/^~/, home)]));
}

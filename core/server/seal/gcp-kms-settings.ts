/** `seal "gcpckms" { … }`: Google's variables win over settings, as in OpenBao 2.6. */
import { type GoogleAccount, parseGoogleAccount } from '../../crypto/google-account.ts';
import { failure } from '../../fault.ts';
import { cloudSettings } from './cloud-setting.ts';
import type { MakeWrapper } from './configured.ts';
import { GcpKmsWrapper } from './gcp-kms-wrapper.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = cloudSettings(settings, sources);
  const required = (name: string, ...variables: readonly string[]): string => {
    const value = setting(name, ...variables);
    if (value === '') throw failure(`'${name}' not found for GCP CKMS wrapper configuration`);
    return value;
  };
  const project = required('project', 'GOOGLE_PROJECT');
  const region = required('region', 'GOOGLE_REGION');
  const keyRing = required('key_ring', 'GCPCKMS_WRAPPER_KEY_RING', 'VAULT_GCPCKMS_SEAL_KEY_RING');
  const cryptoKey = required('crypto_key', 'GCPCKMS_WRAPPER_CRYPTO_KEY', 'VAULT_GCPCKMS_SEAL_CRYPTO_KEY');
  const path =
    setting('credentials', 'GOOGLE_CREDENTIALS') || (sources.environment('GOOGLE_APPLICATION_CREDENTIALS') ?? '');
  const key = `projects/${project}/locations/${region}/keyRings/${keyRing}/cryptoKeys/${cryptoKey}`;
  try {
    return new GcpKmsWrapper(runtime, { key, account: accountOf(path, (file) => sources.readFile(file)) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw failure(`error initializing GCP CKMS wrapper client: failed to create KMS client: ${why}`);
  }
};

const NO_CREDENTIALS =
  'credentials: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information';

/** The file that Google gives for a service account. */
function accountOf(path: string, readFile: (path: string) => Uint8Array): GoogleAccount {
  if (path === '') throw failure(NO_CREDENTIALS);
  return parseGoogleAccount(readFile(path));
}

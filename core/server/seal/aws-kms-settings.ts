/** `seal "awskms" { … }`: variables of the environment win over settings, AWS's own fill in. */
import { failure } from '../../fault.ts';
import { AwsKmsWrapper } from './aws-kms-wrapper.ts';
import type { MakeWrapper } from './configured.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => sources.environment(name)).find((value) => value !== undefined);
  const keyId = first('AWSKMS_WRAPPER_KEY_ID', 'VAULT_AWSKMS_SEAL_KEY_ID') ?? settings['kms_key_id'] ?? '';
  if (keyId === '') throw failure('key id not found in env or config for aws kms wrapper configuration');
  const accessKey = settings['access_key'] || (sources.environment('AWS_ACCESS_KEY_ID') ?? '');
  const secretKey = settings['secret_key'] || (sources.environment('AWS_SECRET_ACCESS_KEY') ?? '');
  if (accessKey === '' || secretKey === '') {
    throw failure(
      'NoCredentialProviders: no valid providers in chain: give access_key and secret_key, or the variables',
    );
  }
  return new AwsKmsWrapper(runtime, {
    accessKey,
    secretKey,
    sessionToken: settings['session_token'] || (sources.environment('AWS_SESSION_TOKEN') ?? ''),
    region: first('AWS_REGION', 'AWS_DEFAULT_REGION') ?? (settings['region'] || 'us-east-1'),
    keyId,
    endpoint: first('AWS_KMS_ENDPOINT') ?? settings['endpoint'] ?? '',
  });
};

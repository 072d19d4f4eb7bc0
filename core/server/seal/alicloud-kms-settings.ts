/** `seal "alicloudkms" { … }`: variables win over settings, as in OpenBao 2.6. */
import { failure } from '../../fault.ts';
import { AliCloudKmsWrapper } from './alicloud-kms-wrapper.ts';
import { cloudSettings } from './cloud-setting.ts';
import type { MakeWrapper } from './configured.ts';

/** Where requests go that name no region. */
const DEFAULT_REGION = 'cn-beijing';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = cloudSettings(settings, sources);
  const keyId = setting('kms_key_id', 'ALICLOUDKMS_WRAPPER_KEY_ID', 'VAULT_ALICLOUDKMS_SEAL_KEY_ID');
  if (keyId === '') throw failure('key id not found (env or config) for alicloud kms wrapper configuration');
  const accessKey = setting('access_key', 'ALICLOUD_ACCESS_KEY');
  const secretKey = setting('secret_key', 'ALICLOUD_SECRET_KEY') || (settings['access_secret'] ?? '');
  if (accessKey === '' || secretKey === '') {
    throw failure('a key pair is needed: access_key and secret_key, or the variables ALICLOUD_…');
  }
  const region = setting('region', 'ALICLOUD_REGION') || DEFAULT_REGION;
  const domain = setting('domain', 'ALICLOUD_DOMAIN') || `kms.${region}.aliyuncs.com`;
  return new AliCloudKmsWrapper(runtime, { keyId, accessKey, secretKey, region, domain });
};

/** The stored configuration: `config`. */
import { asBoolean, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { collection } from '../../framework/collection.ts';

export interface KubernetesConfig {
  /** PEM of keys and certificates. */
  readonly publicKeys: readonly string[];
  readonly host: string;
  /** PEM; '' for the pod's. */
  readonly ca: string;
  /** Whom the API is asked as; '' for the pod, and outside of one for who logs in. */
  readonly reviewerToken: string;
  readonly issuer: string;
  readonly anyIssuer: boolean;
  /** Do not look for authority and token in the pod. */
  readonly onlyConfigured: boolean;
}

export const config = collection<KubernetesConfig>('', {
  encode: (stored) =>
    new Map<string, JsonValue>([
      ['pem_keys', stored.publicKeys],
      ['host', stored.host],
      ['ca_cert', stored.ca],
      ['token_reviewer_jwt', stored.reviewerToken],
      ['issuer', stored.issuer],
      ['disable_iss_validation', stored.anyIssuer],
      ['disable_local_ca_jwt', stored.onlyConfigured],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      publicKeys: asStrings(fields['pem_keys']) ?? [],
      host: asString(fields['host']) ?? '',
      ca: asString(fields['ca_cert']) ?? '',
      reviewerToken: asString(fields['token_reviewer_jwt']) ?? '',
      issuer: asString(fields['issuer']) ?? '',
      anyIssuer: asBoolean(fields['disable_iss_validation']) ?? false,
      onlyConfigured: asBoolean(fields['disable_local_ca_jwt']) ?? false,
    };
  },
});

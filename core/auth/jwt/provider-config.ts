/** `provider_config`: providers that need a word of their own. */
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonError, parse } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { refuse } from '../../fault.ts';
import { claimOf } from './claims.ts';
import type { Claims } from './claims.ts';
import type { JwtConfig } from './config.ts';
import { azureGroups } from './provider-azure.ts';
import type { Web } from '../../runtime.ts';

const KNOWN: ReadonlySet<string> = new Set(['azure', 'gsuite', 'ibmisam', 'kubernetes', 'secureauth']);

/** Google's service accounts are files or JSON; without one, credentials of a machine at Google would be looked for. */
function gsuiteFault(config: JsonObject): string {
  const account = asString(config['gsuite_service_account']) ?? '';
  if (account === '') {
    return 'failed to find application default credentials: google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information';
  }
  try {
    parse(account);
  } catch (error) {
    if (error instanceof JsonError) return `error parsing service account JSON: ${error.message}`;
    throw error;
  }
  return 'this server does not ask Google for groups';
}

export function checkProviderConfig(config: JsonObject): void {
  if (Object.keys(config).length === 0) return;
  const name = config['provider'];
  if (typeof name !== 'string') throw refuse("invalid provider_config: 'provider' field not found in provider_config");
  if (!KNOWN.has(name)) {
    throw refuse(`invalid provider_config: provider ${quote(name)} not found in custom providers`);
  }
  const fault =
    name === 'gsuite'
      ? gsuiteFault(config)
      : name === 'kubernetes'
        ? 'failed to load service account token: open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory'
        : undefined;
  if (fault !== undefined) {
    throw refuse(`invalid provider_config: error initializing ${quote(name)} provider_config: ${fault}`);
  }
}

/**
 * The groups that the claims tell of, as the provider writes them. Undefined: none. `accessToken` is what the provider
 * gave beside the claims, '' for nothing. Throws ClaimError.
 */
export async function groupsOf(
  config: JwtConfig,
  claims: Claims,
  claim: string,
  accessToken: string,
  web: Web,
): Promise<JsonValue | undefined> {
  const { provider } = config.providerConfig;
  const groups = claimOf(claims, claim);
  if (provider === 'azure') return groups ?? azureGroups(config, claims, claim, accessToken, web);
  const oneText = provider === 'secureauth' || provider === 'ibmisam';
  return oneText && typeof groups === 'string' ? groups.split(',') : groups;
}

/** `provider_config`: providers that need a word of their own. */
import { quote } from '../../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonError, parse } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { refuse } from '../../fault.ts';
import { claimOf, ClaimError } from './claims.ts';
import type { Claims } from './claims.ts';

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

/** Azure tells of many groups only where they could be read. */
function azureGroups(claims: Claims, claim: string): JsonValue {
  const groups = claimOf(claims, claim);
  if (groups !== undefined) return groups;
  const source = asString(claimOf(claims, `/_claim_names/${claim}`));
  const fault = (what: string): ClaimError => new ClaimError(`unable to get claim sources: ${what}`);
  if (source === undefined) throw fault(`unable to locate groups claim ${quote(claim)} in _claim_names`);
  const path = `/_claim_sources/${source}/endpoint`;
  if (claimOf(claims, path) === undefined) throw fault(`unable to locate ${path} in claims`);
  throw new ClaimError('this server does not ask Azure for groups');
}

/** The groups that the claims tell of, as the provider writes them. Undefined: none. Throws ClaimError. */
export function groupsOf(config: JsonObject, claims: Claims, claim: string): JsonValue | undefined {
  const groups = config['provider'] === 'azure' ? azureGroups(claims, claim) : claimOf(claims, claim);
  const oneText = config['provider'] === 'secureauth' || config['provider'] === 'ibmisam';
  return oneText && typeof groups === 'string' ? groups.split(',') : groups;
}

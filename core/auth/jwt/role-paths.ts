/** `role`: what tokens have to claim, and what a login gives for it. */
import { formatDuration } from '../../codec/duration.ts';
import { quote } from '../../codec/go-quote.ts';
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { upstreamFunctions } from '../../codec/go-template/upstream-functions.ts';
import type { JsonObject } from '../../codec/json.ts';
import { sortedKeys } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { applyOldNames, oldNameFields, shownOldNames } from '../../framework/old-token-names.ts';
import { reply } from '../../framework/reply.ts';
import { templateWorld } from '../../framework/template-world.ts';
import { applyTokenInput, shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND, wholeSeconds } from '../../runtime.ts';
import { listOf, shown } from './claims.ts';
import type { JwtCall, JwtMemory, storage } from './memory.ts';
import type { JwtRole } from './role.ts';
import { newRole } from './role.ts';

export const roleName = field.lowerCase('Name of the role.', { required: true });

export const leewayFields = {
  expiration_leeway: field.signedSeconds('Leeway for the end of a token; 150 s when zero, none when negative.', {
    documented: 150,
  }),
  not_before_leeway: field.signedSeconds('Leeway for the start of a token; 150 s when zero, none when negative.', {
    documented: 150,
  }),
  clock_skew_leeway: field.signedSeconds('Leeway for all times of a token; 60 s when zero, none when negative.', {
    documented: 60_000_000_000,
  }),
};

export const boundAudiences = field.commaStrings('Audiences of which a token has to name one.');

const fields = {
  name: roleName,
  role_type: field.string('"jwt" or "oidc".', { always: true }),
  ...tokenFields,
  ...oldNameFields,
  ...leewayFields,
  bound_subject: field.string('The subject that a token has to have.'),
  bound_audiences: boundAudiences,
  bound_claims_type: field.string('How values of bound claims are compared: "string" or "glob".', {
    default: 'string',
  }),
  bound_claims: field.map('Claims that a token has to have, with their value or values.'),
  claim_mappings: field.kvPairs('Claims that become metadata, with the names that they get there.'),
  oauth2_metadata: field.commaStrings(
    'Tokens of the provider that become metadata: access_token, id_token, refresh_token.',
  ),
  user_claim: field.string('The claim that names who logs in.'),
  user_claim_json_pointer: field.bool('Whether the claim of the user is a JSON pointer.'),
  groups_claim: field.string('The claim that names groups.'),
  oidc_scopes: field.commaStrings('Scopes to ask the provider for.'),
  allowed_redirect_uris: field.commaStrings('Where the provider may send a browser back to.'),
  callback_mode: field.string(
    'Who hears from the provider: "client", "direct" (this server) or "device" (by polling).',
    {
      default: 'client',
    },
  ),
  poll_interval: field.int('Seconds between polls, for the direct and the device mode.'),
  verbose_oidc_logging: field.bool('Whether claims and tokens are logged at the level of debugging.'),
  max_age: field.seconds('Seconds since the user last proved to be there.'),
  token_policies_template_claims: field.bool('Whether policies are templates over the claims.'),
  oidc_disable_confirmation: field.bool('Whether a direct login needs no confirmation in the browser.'),
};

type Input = {
  readonly [K in keyof typeof fields]: (typeof fields)[K]['fallback'];
} & {
  readonly name: string;
  readonly role_type: string;
  readonly bound_claims_type: string;
  readonly callback_mode: string;
};

function shownRole(role: JwtRole): JsonObject {
  const params = shownTokenParams(role.token);
  const data: JsonObject = {
    ...params,
    role_type: role.type,
    expiration_leeway: wholeSeconds(role.expirationLeeway),
    not_before_leeway: wholeSeconds(role.notBeforeLeeway),
    clock_skew_leeway: wholeSeconds(role.clockSkewLeeway),
    bound_audiences: role.boundAudiences ?? null,
    bound_subject: role.boundSubject,
    bound_claims_type: role.boundClaimsType,
    bound_claims: role.boundClaims ?? null,
    claim_mappings: role.claimMappings ?? null,
    oauth2_metadata: role.oauth2Metadata ?? null,
    user_claim: role.userClaim,
    user_claim_json_pointer: role.userClaimIsPointer,
    groups_claim: role.groupsClaim,
    allowed_redirect_uris: role.allowedRedirectUris ?? null,
    callback_mode: role.callbackMode,
    oidc_scopes: role.oidcScopes ?? null,
    verbose_oidc_logging: role.verboseLogging,
    max_age: wholeSeconds(role.maxAge),
    token_policies_template_claims: role.policiesAreTemplates,
    oidc_disable_confirmation: role.disableConfirmation,
  };
  if (role.pollInterval > 0) data['poll_interval'] = role.pollInterval;
  return { ...data, ...shownOldNames(role, params) };
}

async function read({ name }: { readonly name: string }, call: JwtCall): Promise<Answer> {
  const role = await call.store.roles.get(name);
  if (role === undefined) return undefined;
  if (role.callbackMode === '') {
    role.callbackMode = 'client';
    await call.store.roles.put(name, role);
  }
  return shownRole(role);
}

function applyBoundClaims(role: JwtRole, input: Input): void {
  const kind = input.bound_claims_type;
  if (kind !== 'string' && kind !== 'glob') throw refuse(`invalid 'bound_claims_type': ${kind}`);
  role.boundClaimsType = kind;
  if (input.bound_claims === undefined) return;
  role.boundClaims = input.bound_claims;
  if (kind !== 'glob') return;
  for (const name of sortedKeys(role.boundClaims)) {
    const values = listOf(role.boundClaims[name]);
    if (values === undefined) throw refuse(`claim is not a string or list: ${shown(role.boundClaims[name])}`);
    const wrong = values.find((value) => typeof value !== 'string');
    if (wrong !== undefined) throw refuse(`claim is not a string: ${shown(wrong)}`);
  }
}

function applyMetadata(role: JwtRole, input: Input): void {
  if (input.claim_mappings !== undefined) {
    const targets = new Set<string>();
    for (const name of Object.keys(input.claim_mappings).sort()) {
      const target = input.claim_mappings[name]!;
      if (target === 'role') {
        throw refuse(`metadata key ${quote(target)} is reserved and may not be a mapping destination`);
      }
      if (targets.has(target)) throw refuse(`multiple keys are mapped to metadata key ${quote(target)}`);
      targets.add(target);
    }
    role.claimMappings = input.claim_mappings;
  }
  if (input.oauth2_metadata === undefined) return;
  role.oauth2Metadata = input.oauth2_metadata;
  const unknown = role.oauth2Metadata.find((name) => !['id_token', 'refresh_token', 'access_token'].includes(name));
  if (unknown !== undefined) throw refuse(`Unrecognized oauth2 metadata name ${unknown}`);
}

function applyOidc(role: JwtRole, input: Input): void {
  role.oidcScopes = input.oidc_scopes ?? role.oidcScopes;
  role.allowedRedirectUris = input.allowed_redirect_uris ?? role.allowedRedirectUris;
  role.pollInterval = input.poll_interval ?? role.pollInterval;
  role.disableConfirmation = input.oidc_disable_confirmation ?? false;
  const mode = input.callback_mode;
  if (!['device', 'direct', 'client'].includes(mode)) throw refuse(`invalid 'callback_mode': ${mode}`);
  role.callbackMode = mode;
  if (role.type === 'oidc' && (role.allowedRedirectUris ?? []).length === 0) {
    throw refuse("'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or unspecified.");
  }
}

/** In upstream's order of checks. Returns warnings. */
function apply(role: JwtRole, input: Input, call: JwtCall): string[] {
  const type = input.role_type === '' ? 'oidc' : input.role_type;
  if (type !== 'jwt' && type !== 'oidc') throw refuse(`invalid 'role_type': ${type}`);
  role.type = type;
  const { token } = role;
  applyTokenInput(token, input);
  applyOldNames(role, input);
  const most = call.system.maxLeaseTtl();
  if (token.period > most) {
    const [given, limit] = [quote(formatDuration(token.period)), quote(formatDuration(most))];
    throw refuse(`'period' of '${given}' is greater than the backend's maximum lease TTL of '${limit}'`);
  }
  const leeway = (sent: number | undefined, before: Micros): Micros => (sent === undefined ? before : sent * SECOND);
  role.expirationLeeway = leeway(input.expiration_leeway, role.expirationLeeway);
  role.notBeforeLeeway = leeway(input.not_before_leeway, role.notBeforeLeeway);
  role.clockSkewLeeway = leeway(input.clock_skew_leeway, role.clockSkewLeeway);
  role.boundAudiences = input.bound_audiences ?? role.boundAudiences;
  role.boundSubject = input.bound_subject ?? role.boundSubject;
  role.verboseLogging = input.verbose_oidc_logging ?? role.verboseLogging;
  role.maxAge = leeway(input.max_age, role.maxAge);
  role.policiesAreTemplates = input.token_policies_template_claims ?? role.policiesAreTemplates;
  applyBoundClaims(role, input);
  applyMetadata(role, input);
  role.userClaim = input.user_claim ?? role.userClaim;
  if (role.userClaim === '') throw refuse('a user claim must be defined on the role');
  role.userClaimIsPointer = input.user_claim_json_pointer ?? role.userClaimIsPointer;
  role.groupsClaim = input.groups_claim ?? role.groupsClaim;
  applyOidc(role, input);
  checkBound(role);
  if (token.maxTtl > 0 && token.ttl > token.maxTtl) throw refuse('ttl should not be greater than max ttl');
  return warningsOf(role, most);
}

/** The audience of a token of an OIDC provider is this server; of any other something has to be asked. */
function checkBound({ type, boundAudiences: audiences, token, boundSubject, boundClaims }: JwtRole): void {
  const lists = [audiences ?? [], token.boundCidrs ?? [], Object.keys(boundClaims ?? {})];
  if (type === 'oidc' || boundSubject !== '' || lists.some((list) => list.length > 0)) return;
  throw refuse('must have at least one bound constraint when creating/updating a role');
}

function warningsOf(role: JwtRole, most: Micros): string[] {
  const warnings: string[] = [];
  if (role.token.maxTtl > most) {
    warnings.push(
      "token max ttl is greater than the system or backend mount's maximum TTL value; issued tokens' max TTL value will be truncated",
    );
  }
  if (role.verboseLogging) {
    warnings.push(
      'verbose_oidc_logging has been enabled for this role. This is not recommended in production since sensitive information may be present in OIDC responses.',
    );
  }
  return warnings;
}

async function write(input: Input, call: JwtCall): Promise<Answer> {
  return call.transaction(async (_, store) => {
    const stored = await store.roles.get(input.name);
    if (stored === undefined && call.request.operation === 'update') {
      throw failure('role entry not found during update operation');
    }
    const role = stored ?? newRole();
    const warnings = apply(role, input, call);
    if (role.policiesAreTemplates) {
      for (const [index, policy] of (role.token.policies ?? []).entries()) policyTemplate(policy, index, call);
    }
    await store.roles.put(input.name, role);
    return warnings.length === 0 ? undefined : reply({ warnings });
  });
}

/** A policy as a template over claims. */
export function policyTemplate(policy: string, index: number, call: JwtCall): GoTemplate {
  if (policy === '') throw failure(`failed to parse template policy [${index}]: missing template`);
  try {
    return new GoTemplate(policy, upstreamFunctions(templateWorld(call.runtime)));
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    throw failure(`failed to parse template policy [${index}]: unable to parse template: ${error.message}`);
  }
}

export const rolePaths = paths<JwtMemory, typeof storage>()
  .path(
    'role',
    'The names of all roles.',
    pageFields,
    { list: { about: 'List the roles.', run: ({ after, limit }, { store }) => store.roles.list({ after, limit }) } },
    { help: 'Names are in lower case.', id: { verb: 'list', suffix: 'roles' } },
  )
  .path(
    'role/:name',
    'A role, which tokens log in with.',
    fields,
    {
      read: { about: 'Read a role.', run: read },
      write: { about: 'Make or change a role.', run: write },
      delete: { about: 'Delete a role.', run: ({ name }, { store }) => store.roles.delete(name) },
    },
    {
      exists: async ({ name }, { store }) => (await store.roles.get(name)) !== undefined,
      help: 'A role says what a token has to claim, who it is that logs in, and what tokens a login gives.',
      id: { suffix: 'role' },
    },
  );

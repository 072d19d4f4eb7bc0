/** auth/token/roles. */
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { reply } from '../../framework/reply.ts';
import { tokenFields } from '../../framework/token-params.ts';
import type { TokenContext } from './operations.ts';

const name = field.string('Name of the role.', { required: true });

const fields = {
  role_name: name,
  allowed_policies: field.commaStrings('Policies that tokens of this role may have; none: those of the parent.'),
  disallowed_policies: field.commaStrings('Policies that tokens of this role may not have.'),
  allowed_policies_glob: field.commaStrings('The same as allowed_policies, with `*` for any text.'),
  disallowed_policies_glob: field.commaStrings('The same as disallowed_policies, with `*` for any text.'),
  orphan: field.bool('Whether the tokens have no parent.'),
  period: field.duration('The older name of token_period.', { deprecated: true }),
  path_suffix: field.string('Added to the path of the tokens, so that they can be revoked by prefix.'),
  explicit_max_ttl: field.duration('The older name of token_explicit_max_ttl.', { deprecated: true }),
  renewable: field.bool('Whether the tokens can be renewed.', { documented: true }),
  bound_cidrs: field.commaStrings('The older name of token_bound_cidrs.', { deprecated: true }),
  allowed_entity_aliases: field.commaStrings('Entity aliases that tokens may be tied to.'),
  token_bound_cidrs: tokenFields.token_bound_cidrs,
  token_explicit_max_ttl: tokenFields.token_explicit_max_ttl,
  token_period: tokenFields.token_period,
  token_no_default_policy: tokenFields.token_no_default_policy,
  token_num_uses: tokenFields.token_num_uses,
  token_type: tokenFields.token_type,
};

export const rolePaths = paths<undefined, object, TokenContext>()
  .path(
    'roles',
    'Names of the roles.',
    {},
    {
      list: { about: 'List the roles.', run: (_, { context }) => context.tokens.roles() },
    },
  )
  .path(
    'roles/:role_name',
    'A role: what tokens made against it are like.',
    fields,
    {
      read: {
        about: 'Read a role.',
        run: async ({ role_name }, { context }) => {
          const response = await context.tokens.readRole(role_name);
          return response && reply(response);
        },
      },
      write: {
        about: 'Write a role.',
        run: async (sent, call) => {
          const response = await call.context.tokens.writeRole(sent.role_name, {
            allowedPolicies: sent.allowed_policies,
            disallowedPolicies: sent.disallowed_policies,
            allowedPoliciesGlob: sent.allowed_policies_glob,
            disallowedPoliciesGlob: sent.disallowed_policies_glob,
            orphan: sent.orphan,
            renewable: sent.renewable,
            pathSuffix: sent.path_suffix,
            allowedEntityAliases: sent.allowed_entity_aliases,
            period: sent.period,
            explicitMaxTtl: sent.explicit_max_ttl,
            boundCidrs: sent.bound_cidrs,
            tokenBoundCidrs: sent.token_bound_cidrs,
            tokenExplicitMaxTtl: sent.token_explicit_max_ttl,
            tokenPeriod: sent.token_period,
            tokenNoDefaultPolicy: sent.token_no_default_policy,
            tokenNumUses: sent.token_num_uses,
            tokenType: call.request.data['token_type'] === null ? null : sent.token_type,
          });
          return response && reply(response);
        },
      },
      delete: { about: 'Delete a role.', run: ({ role_name }, { context }) => context.tokens.deleteRole(role_name) },
    },
    { exists: ({ role_name }, { context }) => context.tokens.roleExists(role_name) },
  );

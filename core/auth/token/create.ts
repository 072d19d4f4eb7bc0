/** auth/token/create, create-orphan and create/<role>. */
import type { Call } from '../../framework/call.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Response } from '../../framework/logical.ts';
import { reply } from '../../framework/reply.ts';
import type { CreateInput, TokenContext } from './operations.ts';

const fields = {
  id: field.string('The id the token is to have; needs sudo.', { always: true }),
  display_name: field.string('A name to show for the token.', { always: true }),
  type: field.string('"service" or "batch".', { always: true }),
  ttl: field.string('How long the token lives.', { always: true }),
  lease: field.string('The older name of `ttl`.', { always: true, deprecated: true }),
  explicit_max_ttl: field.string('How long the token lives at most, renewals included.', { always: true }),
  period: field.string('Renewals extend the token by so much, without end; needs sudo.', { always: true }),
  renewable: field.bool('Whether the token can be renewed.', { default: true }),
  num_uses: field.int('How often the token can be used; 0: without limit.', { always: true }),
  policies: field.strings('The policies of the token.', { always: true }),
  no_default_policy: field.bool('Leaves the policy "default" out.', { always: true }),
  meta: field.kvPairs('Metadata that the audit log shows.'),
  no_parent: field.bool('Makes an orphan; needs sudo.', { always: true }),
  entity_alias: field.string('The entity alias to tie the token to; only with a role that allows it.', {
    always: true,
  }),
};

interface Sent {
  readonly id: string;
  readonly display_name: string;
  readonly type: string;
  readonly ttl: string;
  readonly lease: string;
  readonly explicit_max_ttl: string;
  readonly period: string;
  readonly renewable: boolean;
  readonly num_uses: number;
  readonly policies: readonly string[];
  readonly no_default_policy: boolean;
  readonly meta: Record<string, string> | undefined;
  readonly no_parent: boolean;
  readonly entity_alias: string;
}

const inputOf = (sent: Sent): CreateInput => ({
  id: sent.id,
  policies: sent.policies,
  meta: sent.meta,
  noParent: sent.no_parent,
  noDefaultPolicy: sent.no_default_policy,
  lease: sent.lease,
  ttl: sent.ttl,
  explicitMaxTtl: sent.explicit_max_ttl,
  period: sent.period,
  displayName: sent.display_name,
  numUses: sent.num_uses,
  renewable: sent.renewable,
  type: sent.type,
  entityAlias: sent.entity_alias,
});

type TokenCall = Call<undefined, object, TokenContext>;

const make = (call: TokenCall, sent: Sent, orphan: boolean, role?: string): Promise<Response> =>
  call.context.tokens.create(call.request, inputOf(sent), orphan, role);

export const createPaths = paths<undefined, object, TokenContext>()
  .path('create-orphan', 'Tokens without a parent.', fields, {
    update: { about: 'Make an orphan.', run: async (sent, call) => reply(await make(call, sent, true)) },
  })
  .path(
    'create/:role_name',
    'Tokens made against a role.',
    { role_name: field.string('Name of the role.', { required: true }), ...fields },
    {
      update: {
        about: 'Make a token as the role says.',
        run: async (sent, call) => reply(await make(call, sent, false, sent.role_name)),
      },
    },
  )
  .path('create', 'Tokens.', fields, {
    update: { about: 'Make a token.', run: async (sent, call) => reply(await make(call, sent, false)) },
  });

/** `role/<name>/…-cidrs`: the blocks of addresses of a role. */
import { refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { reply } from '../../framework/reply.ts';
import { deprecated, parseAddresses } from '../../framework/token-params.ts';
import { invalidCidr, invalidText } from './cidrs.ts';
import type { Role } from './role.ts';
import type { Named } from './role-setting.ts';
import { options, remove, show, update } from './role-setting.ts';
import { roleName } from './roles.ts';
import type { AppRoleStore } from './store.ts';

interface Blocks extends Named {
  readonly bound_cidr_list: string[] | undefined;
  readonly secret_id_bound_cidrs: string[] | undefined;
  readonly token_bound_cidrs: string[] | undefined;
}

const noBlocks = { bound_cidr_list: undefined, secret_id_bound_cidrs: undefined, token_bound_cidrs: undefined };

function setBlocks(role: Role, input: Partial<Blocks>): void {
  const blocks = input.secret_id_bound_cidrs ?? input.bound_cidr_list;
  if (blocks !== undefined) {
    if (blocks.length === 0) throw refuse('missing bound_cidr_list');
    const wrong = invalidCidr(blocks);
    if (wrong !== undefined) throw refuse(`failed to validate CIDR blocks: ${invalidText(wrong)}`);
    role.secretIdBoundCidrs = blocks;
  } else if (input.token_bound_cidrs !== undefined) {
    role.token.boundCidrs = parseAddresses(input.token_bound_cidrs, 'failed to parse token_bound_cidrs: ');
  }
}

const blockFields = {
  role_name: roleName,
  bound_cidr_list: field.commaStrings(deprecated('secret_id_bound_cidrs')),
  secret_id_bound_cidrs: field.commaStrings('Blocks of addresses from which a login may come.'),
  token_bound_cidrs: field.commaStrings('Addresses and blocks from which the token may be used.'),
};
const { bound_cidr_list, secret_id_bound_cidrs, token_bound_cidrs } = blockFields;

export const roleBlockPaths = paths<AppRoleStore>()
  .path(
    'role/:role_name/bound-cidr-list',
    'Deprecated: blocks of addresses from which a login may come.',
    { role_name: roleName, bound_cidr_list },
    {
      read: {
        run: show(() =>
          reply({
            data: { bound_cidr_list: null },
            warnings: [
              'The "bound_cidr_list" field is deprecated and will be removed. Please use "secret_id_bound_cidrs" instead.',
            ],
          }),
        ),
      },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove(() => {}),
    },
    options('bound-cidr-list', 'Use secret-id-bound-cidrs instead.'),
  )
  .path(
    'role/:role_name/secret-id-bound-cidrs',
    'Blocks of addresses from which a login may come.',
    { role_name: roleName, secret_id_bound_cidrs },
    {
      read: { run: show((role) => ({ secret_id_bound_cidrs: role.secretIdBoundCidrs ?? null })) },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove((role) => (role.secretIdBoundCidrs = undefined)),
    },
    options('secret-id-bound-cidrs', 'A login from elsewhere is refused.'),
  )
  .path(
    'role/:role_name/token-bound-cidrs',
    'Addresses from which tokens of the role may be used.',
    { role_name: roleName, token_bound_cidrs },
    {
      read: { run: show((role) => ({ token_bound_cidrs: role.token.boundCidrs ?? null })) },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove((role) => (role.token.boundCidrs = undefined)),
    },
    options('token-bound-cidrs', 'A request with the token from elsewhere is refused.'),
  );

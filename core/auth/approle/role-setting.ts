/** What the paths of single settings of a role share. */
import { refuse, unsupportedPath } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import type { Role } from './role.ts';
import type { AppRoleCall } from './roles.ts';

export interface Named {
  readonly role_name: string;
}

export const show =
  (shown: (role: Role) => Answer) =>
  ({ role_name }: Named, { state, storage }: AppRoleCall): Promise<Answer> =>
    state.roleLocks.read(role_name.toLowerCase(), async () => {
      const role = await state.role(storage, role_name);
      return role === undefined ? undefined : shown(role);
    });

/** A missing role is `unsupported path` for an update, and nothing for a delete. Returns the former role id, if new. */
const change =
  <I extends Named>(
    missing: 'unsupported' | 'nothing',
    apply: (role: Role, input: I, call: AppRoleCall) => string | void,
  ) =>
  (input: I, call: AppRoleCall): Promise<Answer> =>
    call.state.roleLocks.write(input.role_name.toLowerCase(), () =>
      call.transaction(async (storage) => {
        const role = await call.state.role(storage, input.role_name);
        if (role === undefined) {
          if (missing === 'nothing') return;
          throw unsupportedPath();
        }
        const previousRoleId = apply(role, input, call);
        await call.state.putRole(storage, role.name, role, previousRoleId ?? '');
      }),
    );

export const update = <I extends Named>(apply: (role: Role, input: I, call: AppRoleCall) => string | void) => ({
  run: change('unsupported', apply),
});
export const remove = (apply: (role: Role) => void) => ({ run: change<Named>('nothing', (role) => apply(role)) });

export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw refuse(`missing ${name}`);
  return value;
}

/** Names of roles are one in letters of any case. */
export const ofRole = (rest: string) => ({
  resolve: ({ role_name }: Named): string => `role/${role_name.toLowerCase()}/${rest}`,
});

export const options = (suffix: string, help: string) => ({
  ...ofRole(suffix),
  id: { prefix: 'app-role', suffix },
  help,
});

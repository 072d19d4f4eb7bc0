/** The `approle` auth method: services log in with the id of a role and a secret id made for it. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { loginPaths, renew } from './login.ts';
import { roleBlockPaths } from './role-blocks.ts';
import { roleFieldPaths } from './role-fields.ts';
import { rolePaths } from './roles.ts';
import { secretIdPaths } from './secret-id-paths.ts';
import { AppRoleStore } from './store.ts';
import { tidy, tidyPaths } from './tidy.ts';
import { responses } from './responses.ts';

export const approle = engine({
  type: 'approle',
  class: 'auth',
  idPrefix: 'app-role',
  responses,
  about:
    'Logs services and machines in. Each has a role, known by its role id; a login also needs a secret id made for\nthat role, unless the role is bound to addresses instead.',
  state: (context) => new AppRoleStore(context),
  initialize: async ({ state, context }) => {
    if (context.system.active) await state.makeSalt();
  },
  renewAuth: renew,
  periodic: async ({ state, context }) => {
    if (context.system.active) await tidy(state);
  },
  invalidate: (key, { state }) => state.invalidate(key),
})
  .include(rolePaths)
  .include(roleFieldPaths)
  .include(roleBlockPaths)
  .include(secretIdPaths)
  .include(loginPaths)
  .include(tidyPaths);

export const createAppRole = (context: BackendContext): Backend => createBackend(approle, context);

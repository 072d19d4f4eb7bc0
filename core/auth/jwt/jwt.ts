/** The `jwt` and `oidc` auth methods: one method under two names, for tokens that others have signed. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { celLoginPaths } from './cel-login.ts';
import { celRolePaths } from './cel-role-paths.ts';
import { configPaths } from './config-paths.ts';
import { loginPaths, renew } from './login.ts';
import { JwtMemory, storage } from './memory.ts';
import { oidcPaths } from './oidc/paths.ts';
import { rolePaths } from './role-paths.ts';
import { responses } from './responses.ts';

export const jwt = engine({
  type: 'jwt',
  class: 'auth',
  idPrefix: 'jwt',
  responses,
  about: 'Logs in whoever has a token that somebody trusted has signed, or can get one from an OpenID provider.',
  storage,
  state: (context: BackendContext) => new JwtMemory(context),
  renewAuth: renew,
  invalidate: (key, { state }) => {
    if (key === 'config') state.reset();
  },
})
  .include(loginPaths)
  .include(rolePaths)
  .include(celLoginPaths)
  .include(celRolePaths)
  .include(configPaths)
  .include(oidcPaths);

export const createJwt = (context: BackendContext): Backend => createBackend(jwt, context);

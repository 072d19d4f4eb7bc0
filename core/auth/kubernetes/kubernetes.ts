/** The `kubernetes` auth method: service accounts log in with their tokens, for which the Kubernetes API vouches. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { configPath } from './config-path.ts';
import { loginPath, renew } from './login.ts';
import { KubernetesMemory, storage } from './memory.ts';
import { rolePaths } from './role-paths.ts';

export const kubernetes = engine({
  type: 'kubernetes',
  class: 'auth',
  about: 'Logs in service accounts of Kubernetes with the tokens that it gives them.',
  storage,
  state: (context: BackendContext) => new KubernetesMemory(context),
  renewAuth: renew,
})
  .include(configPath)
  .include(loginPath)
  .include(rolePaths);

export const createKubernetesAuth = (context: BackendContext): Backend => createBackend(kubernetes, context);

/** The `kubernetes` engine: tokens of service accounts, each with a lease. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { storage } from './call.ts';
import { TOKEN_SECRET } from './credentials.ts';
import { revokeToken, undo } from './ending.ts';
import { configPaths, rolePaths } from './paths.ts';

export const kubernetes = engine<undefined, typeof storage>({
  type: 'kubernetes',
  about: `Makes tokens of service accounts of Kubernetes, and where a role says so the account, its binding and its
rights as well, which then go with the lease.`,
  storage,
  secrets: { [TOKEN_SECRET]: { revoke: revokeToken } },
  periodic: undo,
})
  .include(configPaths)
  .include(rolePaths);

export const createKubernetes = (context: BackendContext): Backend => createBackend(kubernetes, context);

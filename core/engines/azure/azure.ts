/** The `azure` engine: service principals with a lease, and passwords of applications that are there already. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { type AzureState, newState, storage } from './call.ts';
import { forgetTokens } from './client.ts';
import { renew, revokePassword, revokePrincipal, undo } from './credentials.ts';
import { allPaths } from './paths.ts';
import { settleRootPassword } from './root-password.ts';
import { staticPaths } from './static-role-paths.ts';

export const azure = engine<AzureState, typeof storage>({
  type: 'azure',
  about: 'Makes service principals of Azure with a lease, which are deleted when it ends.',
  storage,
  state: newState,
  secrets: {
    service_principal: { renew, revoke: revokePrincipal },
    static_service_principal: { renew, revoke: revokePassword },
  },
  invalidate(key, { state }) {
    if (key === 'config') forgetTokens(state);
  },
  periodic: async (running) => {
    await undo(running);
    await settleRootPassword(running);
  },
})
  .include(allPaths)
  .include(staticPaths);

export const createAzure = (context: BackendContext): Backend => createBackend(azure, context);

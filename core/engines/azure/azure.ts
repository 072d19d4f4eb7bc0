/** The `azure` engine: service principals with a lease, and passwords of applications that are there already. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { storage } from './call.ts';
import { forgetTokens, newTokens, type Tokens } from './client.ts';
import { renew, revokePassword, revokePrincipal, undo } from './credentials.ts';
import { allPaths } from './paths.ts';
import { settleRootPassword } from './root-password.ts';

export const azure = engine<Tokens, typeof storage>({
  type: 'azure',
  about: 'Makes service principals of Azure with a lease, which are deleted when it ends.',
  storage,
  state: newTokens,
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
}).include(allPaths);

export const createAzure = (context: BackendContext): Backend => createBackend(azure, context);

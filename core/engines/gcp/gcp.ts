/** The `gcp` engine: keys of service accounts with a lease, and tokens that end by themselves. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import { KeptToken } from '../../framework/kept-token.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { accountPaths } from './account-paths.ts';
import { undo } from './accounts.ts';
import { storage } from './call.ts';
import { otherPaths } from './other-paths.ts';
import { renewKey, revokeKey } from './secrets.ts';

export const gcp = engine<KeptToken, typeof storage>({
  type: 'gcp',
  about: 'Makes keys of service accounts of Google Cloud with a lease, and tokens.',
  storage,
  state: () => new KeptToken(),
  secrets: { service_account_key: { renew: renewKey, revoke: revokeKey } },
  idPrefix: 'google-cloud',
  invalidate(key, { state }) {
    if (key === 'config') state.forget();
  },
  periodic: undo,
})
  .include(otherPaths)
  .include(accountPaths);

export const createGcp = (context: BackendContext): Backend => createBackend(gcp, context);

/** The `aws` engine: users of IAM with a lease, sessions of STS, keys of users that are there already. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { type Due, storage } from './call.ts';
import { configPaths } from './config-paths.ts';
import { renewUser } from './credentials.ts';
import { rolePaths } from './role-paths.ts';
import { renewKeys, scheduleKeys, staticRolePaths } from './static-role-paths.ts';
import { removeUnleased, revokeUser } from './users.ts';

export const aws = engine<Due, typeof storage>({
  type: 'aws',
  about: 'Makes users of AWS with a lease, which are deleted when it ends, and sessions that end by themselves.',
  storage,
  state: () => new Map(),
  secrets: { access_keys: { renew: renewUser, revoke: revokeUser } },
  initialize: scheduleKeys,
  async periodic(running) {
    await removeUnleased(running);
    await renewKeys(running);
  },
})
  .include(configPaths)
  .include(rolePaths)
  .include(staticRolePaths);

export const createAws = (context: BackendContext): Backend => createBackend(aws, context);

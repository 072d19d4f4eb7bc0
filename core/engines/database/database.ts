/** The `database` engine: users of databases, made for who asks, and passwords that change again and again. */
import { every } from '../../ticker.ts';
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { DatabaseState, storage } from './call.ts';
import { configPaths } from './config-paths.ts';
import { CREDS_SECRET, credsPaths, renew, revoke } from './creds-paths.ts';
import { textOf } from './plugins/plugin.ts';
import { rolePaths } from './role-paths.ts';
import { rootPaths, settleRootRotations } from './root-paths.ts';
import { loadQueue, QUEUE_TICK, rotateDue } from './rotation.ts';
import { staticRolePaths } from './static-role-paths.ts';

export const database = engine<DatabaseState, typeof storage>({
  type: 'database',
  about: `Makes users in databases for who asks, and removes them when their lease ends; and changes the passwords of
users that are there already.`,
  storage,
  state: (context) => new DatabaseState(context),
  secrets: { [CREDS_SECRET]: { renew, revoke } },
  async initialize(running) {
    const { context, state } = running;
    if (!context.system.active) return;
    const { clock, log } = context.runtime;
    log.write('info', '', 'initializing database rotation queue');
    log.write('info', '', 'populating role rotation queue');
    await loadQueue(running);
    const failed = (error: unknown): void => {
      log.write('error', '', 'error rotating credentials', { error: textOf(error) });
    };
    log.write('info', '', 'starting periodic ticker');
    state.scope.onCancel(() => log.write('info', '', 'stopping periodic ticker'));
    every(clock, QUEUE_TICK, state.scope, () => rotateDue(running), failed);
  },
  periodic: async (running) => {
    if (running.context.system.active) await settleRootRotations(running);
  },
  invalidate: (key, { state }) => {
    if (key.startsWith('config/')) state.connections.close(key.slice('config/'.length));
  },
  stop: ({ state }) => state.stop(),
})
  .include(configPaths)
  .include(rolePaths)
  .include(staticRolePaths)
  .include(credsPaths)
  .include(rootPaths);

export const createDatabase = (context: BackendContext): Backend => createBackend(database, context);

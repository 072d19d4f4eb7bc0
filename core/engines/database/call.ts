/** What the parts of the engine share. */
import type { Call, Running } from '../../framework/call.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { failure, Fault } from '../../fault.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { quote } from '../../codec/go-quote.ts';
import { Scope } from '../../scope.ts';
import { configForm, isAllowed, type ConnectionConfig } from './config.ts';
import { Connections, noConnection } from './connections.ts';
import { roleForm } from './role.ts';
import { RotationQueue } from './queue.ts';
import type { Plugin } from './plugins/plugin.ts';

export const storage = {
  configs: collection('config/', configForm),
  roles: collection('role/', roleForm),
  statics: collection('static-role/', roleForm),
};

export class DatabaseState {
  readonly connections: Connections;
  readonly queue: RotationQueue;
  /** One rotation of a role or of a root password at a time, and nobody changes either meanwhile. */
  readonly locks = new KeyLocks();
  /** Ends with the mount, or with the node's turn as the active one. */
  readonly scope = new Scope();

  constructor({ runtime }: BackendContext) {
    this.connections = new Connections(runtime);
    this.queue = new RotationQueue();
  }

  stop(): void {
    this.scope.cancel();
    this.connections.closeAll();
  }
}

export type DatabaseCall = Call<DatabaseState, typeof storage, BackendContext>;
export type Mounted = Running<DatabaseState, typeof storage, BackendContext>;

export const databasePaths = () => paths<DatabaseState, typeof storage>();

/** In a path. */
export const NAME = '{\\w(([\\w-.]+)?\\w)?}';

export async function configOf(running: Mounted, name: string): Promise<ConnectionConfig> {
  const config = await running.store.configs.get(name);
  if (config === undefined) throw noConnection(name);
  return config;
}

/** For what serves a role. */
export async function configFor(running: Mounted, name: string, role: string): Promise<ConnectionConfig> {
  const config = await configOf(running, name);
  if (!isAllowed(config, role)) throw failure(`${quote(role)} is not an allowed role`);
  return config;
}

export async function pluginOf(running: Mounted, name: string): Promise<Plugin> {
  return running.state.connections.get(name, await configOf(running, name));
}

/** '': the usual kind. */
export async function newPassword(running: Mounted, policy: string): Promise<string> {
  try {
    return await running.context.system.generatePassword(policy);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw failure(`failed to generate password: ${error.message}`);
  }
}

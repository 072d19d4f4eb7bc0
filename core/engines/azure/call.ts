/** What the operations of Azure run with. */
import { failure } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { type AzureAsk, azureClient, AzureError, newTokens, type Tokens } from './client.ts';
import { configForm, noConfig } from './config.ts';
import { roleForm } from './role.ts';
import { staticPasswordForm, staticRoleForm } from './static-role.ts';

export const storage = {
  /** `config`, in the mount's root. */
  config: collection('', configForm),
  roles: collection('roles/', roleForm),
  staticRoles: collection('static-roles/', staticRoleForm),
  staticPasswords: collection('static-creds/', staticPasswordForm),
};

/** Tokens, and who is at work on an application's passwords or a static role. Who wants both locks takes the role's first. */
export type AzureState = Tokens & { readonly applications: KeyLocks; readonly staticRoles: KeyLocks };

export const newState = (): AzureState => ({
  ...newTokens(),
  applications: new KeyLocks(),
  staticRoles: new KeyLocks(),
});

export type AzureCall = Call<AzureState, typeof storage, BackendContext>;
export type AzureRunning = Running<AzureState, typeof storage, BackendContext>;

export const azurePaths = (): PathSet<AzureState, typeof storage, BackendContext> =>
  paths<AzureState, typeof storage>();

/** Speaks as `config` says. Throws AzureError. */
export async function clientOf({ store, context, state }: AzureRunning): Promise<AzureAsk> {
  return azureClient(context.runtime, (await store.config.get('config')) ?? noConfig, state);
}

/** Runs `body`; what Azure refuses becomes a failure of the server with `prefix` before Azure's words. */
export async function asFailure<T>(prefix: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof AzureError ? failure(`${prefix}${error.message}`) : error;
  }
}

/** What the operations of Azure run with. */
import { failure } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { type AzureAsk, azureClient, AzureError, type Tokens } from './client.ts';
import { configForm, noConfig } from './config.ts';
import { roleForm } from './role.ts';

export const storage = {
  /** `config`, in the mount's root. */
  config: collection('', configForm),
  roles: collection('roles/', roleForm),
};

export type AzureCall = Call<Tokens, typeof storage, BackendContext>;
export type AzureRunning = Running<Tokens, typeof storage, BackendContext>;

export const azurePaths = (): PathSet<Tokens, typeof storage, BackendContext> => paths<Tokens, typeof storage>();

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

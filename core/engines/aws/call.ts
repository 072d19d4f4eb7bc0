/** What the operations of AWS run with. */
import { failure } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { type AwsAsk, awsClient, AwsError } from './client.ts';
import { leaseForm, noRoot, rootForm } from './config.ts';
import { roleForm } from './role.ts';
import { keysForm, staticRoleForm } from './static-role.ts';

export const storage = {
  roles: collection('role/', roleForm),
  /** `root`. */
  root: collection('config/', rootForm),
  /** `lease`. */
  lease: collection('config/', leaseForm),
  staticRoles: collection('static-roles/', staticRoleForm),
  staticKeys: collection('static-creds/', keysForm),
};

/** When keys of static roles are to be made anew, by role; wall. Upstream keeps it in memory, too. */
export type Due = Map<string, Micros>;

export type AwsCall = Call<Due, typeof storage, BackendContext>;
export type AwsRunning = Running<Due, typeof storage, BackendContext>;

export const awsPaths = (): PathSet<Due, typeof storage, BackendContext> => paths<Due, typeof storage>();

/** Speaks as `config/root` says. Throws AwsError. */
export async function clientOf({ store, context }: Pick<AwsRunning, 'store' | 'context'>): Promise<AwsAsk> {
  return awsClient(context.runtime, (await store.root.get('root')) ?? noRoot);
}

/** Runs `body`; what AWS refuses becomes a failure of the server with `prefix` before AWS's words. */
export async function asFailure<T>(prefix: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof AwsError ? failure(`${prefix}${error.message}`) : error;
  }
}

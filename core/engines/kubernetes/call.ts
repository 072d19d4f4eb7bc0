/** What the operations of Kubernetes run with. */
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { configForm } from './config.ts';
import { roleForm } from './role.ts';

export const storage = {
  /** `config`. */
  config: collection('', configForm),
  roles: collection('roles/', roleForm),
};

export type KubernetesCall = Call<undefined, typeof storage, BackendContext>;
export type KubernetesRunning = Running<undefined, typeof storage, BackendContext>;

export const kubernetesPaths = (): PathSet<undefined, typeof storage, BackendContext> =>
  paths<undefined, typeof storage>();

/** What a mount keeps in memory, and what its operations run with. */
import type { Call } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import { PodFile } from '../../framework/kubernetes/pod.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { MINUTE, type Runtime } from '../../runtime.ts';
import { config } from './config.ts';
import { roles } from './role.ts';

/** How old what was read of the pod may be. */
const TOKEN_LIFE = MINUTE;
const AUTHORITY_LIFE = 60 * MINUTE;

export class KubernetesMemory {
  readonly token: PodFile;
  readonly authority: PodFile;
  readonly #locks = new KeyLocks();

  constructor({ runtime }: { readonly runtime: Runtime }) {
    this.token = new PodFile(runtime, 'token', TOKEN_LIFE);
    this.authority = new PodFile(runtime, 'ca.crt', AUTHORITY_LIFE);
  }

  /** Logins and readers run side by side, and whoever changes something waits for them, and they for it. */
  reading<T>(body: () => Promise<T>): Promise<T> {
    return this.#locks.read('', body);
  }

  writing<T>(body: () => Promise<T>): Promise<T> {
    return this.#locks.write('', body);
  }
}

export const storage = { config, roles };

export type KubernetesCall = Call<KubernetesMemory, typeof storage, BackendContext>;

export const kubernetesPaths = (): PathSet<KubernetesMemory, typeof storage, BackendContext> =>
  paths<KubernetesMemory, typeof storage>();

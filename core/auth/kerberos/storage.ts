/** What a mount stores, and what it is made with. */
import type { Call } from '../../framework/call.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { configs } from './config.ts';
import type { directories } from './directory-config.ts';
import type { groups } from './groups.ts';
import type { Replays } from './replays.ts';

export interface KerberosStorage {
  configs: typeof configs;
  directories: typeof directories;
  groups: typeof groups;
}

export interface KerberosContext extends BackendContext {
  /** Of the process. */
  readonly replays: Replays;
}

export type KerberosCall = Call<undefined, KerberosStorage, KerberosContext>;

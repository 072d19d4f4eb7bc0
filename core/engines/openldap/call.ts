/** What the operations of the engine run with. */
import { asString } from '../../codec/json-fields.ts';
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Mutex } from '../../mutex.ts';
import type { Scope } from '../../scope.ts';
import { configForm } from './config.ts';
import { checkOutForm, setForm } from './library-set.ts';
import { roleForm } from './role.ts';
import type { RotationQueue } from './rotation-queue.ts';
import { staticRoleForm } from './static-role.ts';

export interface OpenLdapState {
  /** Who changes a password in the directory does it alone. */
  readonly passwords: Mutex;
  /** The note of the root password that is being set: nothing to be tried yet. */
  rotating: string | undefined;
  readonly roles: KeyLocks;
  readonly sets: KeyLocks;
  readonly queue: RotationQueue;
  /** Accounts of static roles and sets: each belongs to one of them. Undefined until they were read. */
  managed: Set<string> | undefined;
  /** Who takes accounts, or gives them up, does it alone. */
  readonly managing: Mutex;
  /** Ends with the mount. */
  readonly life: Scope;
}

export const storage = {
  config: collection('', configForm),
  staticRoles: collection('static-role/', staticRoleForm),
  roles: collection('role/', roleForm),
  sets: collection('library/', setForm),
  checkOuts: collection('checkout/', checkOutForm),
  passwords: collection<string>('password/', {
    encode: (password) => password,
    decode: (stored) => asString(stored) ?? '',
  }),
};

export type OpenLdapCall = Call<OpenLdapState, typeof storage, BackendContext>;
export type OpenLdap = Running<OpenLdapState, typeof storage, BackendContext>;
/** What both a request and the work in the background have. */
export type Here = Pick<OpenLdapCall, 'store' | 'storage' | 'state' | 'context'>;

export const openLdapPaths = (): PathSet<OpenLdapState, typeof storage, BackendContext> =>
  paths<OpenLdapState, typeof storage>();

/** What the operations of SSH run with. */
import type { Mutex } from '../../mutex.ts';
import { collection } from '../../framework/collection.ts';
import type { Call } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { KeyLocks } from '../../framework/key-locks.ts';
import type { Salt } from '../../framework/salt.ts';
import { issuerForm } from './issuer.ts';
import { roleForm } from './role.ts';

export interface SshState {
  /** What one-time passwords are filed under. */
  readonly salt: Salt;
  /** Who changes issuers does it alone. */
  readonly issuers: Mutex;
  /** Who uses a one-time password up does it alone. */
  readonly otps: KeyLocks;
}

/** A one-time password that was not used yet: `otp/<salted>`. */
export type StoredOtp = { readonly username: string; readonly ip: string; readonly role_name: string };

export const storage = {
  roles: collection('roles/', roleForm),
  issuers: collection('config/issuer/', issuerForm),
  /** `issuers`: which issuer is the default; `zeroaddress`: roles that take any address. */
  config: collection<{ readonly default?: string; readonly roles?: readonly string[] }>('config/'),
  otps: collection<StoredOtp>('otp/'),
};

export type SshCall = Call<SshState, typeof storage, BackendContext>;
export type SshStore = SshCall['store'];

export const sshPaths = (): PathSet<SshState, typeof storage, BackendContext> => paths<SshState, typeof storage>();

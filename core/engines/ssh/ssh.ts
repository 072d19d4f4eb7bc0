/** The `ssh` engine: certificates for users and hosts, and one-time passwords. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { type MigrationNote, noteMigration } from '../../framework/migration-note.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import { Salt } from '../../framework/salt.ts';
import { Mutex } from '../../mutex.ts';
import { storage, type SshState } from './call.ts';
import { configPaths, issuerPaths, publicKeyPath } from './issuer-paths.ts';
import { OTP_SECRET, otpPaths, revokeOtp, tidyPath } from './otp-paths.ts';
import { rolePaths } from './role-paths.ts';
import { signPaths } from './sign-paths.ts';
import { zeroAddressPaths } from './zero-address.ts';
import { responses } from './responses.ts';

const MIGRATED: MigrationNote = {
  place: 'config/migrationLog',
  version: 1,
  made: [],
  older: ['config/ca_public_key', 'config/ca_private_key', 'public_key', 'config/ca_bundle'],
};

export const ssh = engine<SshState, typeof storage>({
  type: 'ssh',
  responses,
  about: `Signs certificates with which users log in to hosts, and hosts prove who they are; and makes passwords that
are good once, for hosts that ask here whether they are.`,
  storage,
  state: ({ runtime, storage: own }) => ({ salt: new Salt(runtime, own), issuers: new Mutex(), otps: new KeyLocks() }),
  initialize: async ({ storage: own, context }) => {
    if (!(await noteMigration(MIGRATED, own, context))) return;
    const { log } = context.runtime;
    log.write('info', '', 'Performing SSH migration to new issuers layout');
    log.write('info', '', `Succeeded in migrating to issuer storage version ${MIGRATED.version}`);
  },
  secrets: { [OTP_SECRET]: { revoke: revokeOtp } },
  invalidate: (key, { state }) => state.salt.invalidate(key),
})
  .include(zeroAddressPaths)
  .include(rolePaths)
  .include(otpPaths)
  .include(configPaths)
  .include(signPaths)
  .include(publicKeyPath)
  .include(tidyPath)
  .include(issuerPaths);

export const createSsh = (context: BackendContext): Backend => createBackend(ssh, context);

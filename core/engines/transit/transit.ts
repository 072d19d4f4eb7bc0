/** The `transit` engine: cryptography as a service. Keys stay here; data comes and goes, and is not stored. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { backupPaths } from './backup-paths.ts';
import { certificatePaths } from './certificate-paths.ts';
import { cacheSize, configPaths } from './config-paths.ts';
import { dataKeyPaths } from './data-key-paths.ts';
import { decryptPaths } from './decrypt-paths.ts';
import { deriveKeyPaths } from './derive-key-paths.ts';
import { encryptPaths } from './encrypt-paths.ts';
import { exportPaths } from './export-paths.ts';
import { hmacPaths } from './hmac-paths.ts';
import { importPaths } from './import-paths.ts';
import { keyConfigPaths } from './key-config-paths.ts';
import { keyPaths } from './key-paths.ts';
import { rotateDue } from './rotation.ts';
import { signPaths } from './sign-paths.ts';
import { PolicyStore } from './store.ts';
import { toolPaths } from './tool-paths.ts';

export const transit = engine({
  type: 'transit',
  about: `Encrypts, signs and hashes for its clients with keys that never leave it unless they may.
Keys have versions: after a rotation new data is protected by the newest, and what older versions
protected stays readable until it is rewrapped or the old versions are shut off.`,
  state: (context) => new PolicyStore(context),
  initialize: async ({ state, storage }) => {
    state.limit = await cacheSize(storage);
  },
  periodic: async ({ state, storage, context }) => {
    if (context.system.active) await rotateDue(state, storage, context.runtime);
  },
  invalidate: (key, { state }) => {
    if (key.startsWith('policy/')) state.invalidate(key.slice('policy/'.length));
  },
})
  .include(keyPaths)
  .include(keyConfigPaths)
  .include(importPaths)
  .include(certificatePaths)
  .include(exportPaths)
  .include(encryptPaths)
  .include(decryptPaths)
  .include(dataKeyPaths)
  .include(hmacPaths)
  .include(signPaths)
  .include(toolPaths)
  .include(backupPaths)
  .include(configPaths)
  .include(deriveKeyPaths);

export const createTransit = (context: BackendContext): Backend => createBackend(transit, context);

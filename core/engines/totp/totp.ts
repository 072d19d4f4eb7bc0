/** The `totp` engine: makes one-time passwords for other services' keys, and checks those of its own. */
import { createBackend } from '../../framework/backend.ts';
import { collection } from '../../framework/collection.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { codePaths } from './code-paths.ts';
import { keyForm } from './key.ts';
import { keyPaths } from './key-paths.ts';
import { UsedCodes } from './used-codes.ts';

const storage = { keys: collection('key/', keyForm) };
export type TotpStorage = typeof storage;

export const totp = engine({
  type: 'totp',
  about: `Time-based one-time passwords, on either side: it makes the codes of a key that another service gave,
and it gives out keys of its own and checks the codes made with them.`,
  storage,
  state: (context) => new UsedCodes(context.runtime.clock),
  periodic: async ({ state }) => state.sweep(),
})
  .include(keyPaths)
  .include(codePaths);

export const createTotp = (context: BackendContext): Backend => createBackend(totp, context);

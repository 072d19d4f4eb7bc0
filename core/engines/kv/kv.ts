/** The `kv` engine: the mount option `version` chooses between plain (1, the default) and versioned (2). */
import { refuse } from '../../fault.ts';
import { createBackend } from '../../framework/backend.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { plainKv } from './v1.ts';
import { versionedKv } from './v2.ts';

export function createKv(context: BackendContext): Backend {
  const { version = '' } = context.options;
  if (version === '2') return createBackend(versionedKv, context);
  if (version === '1' || version === '') return createBackend(plainKv, context);
  throw refuse('nil backend of type "kv" returned from factory');
}

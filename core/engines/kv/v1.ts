/** KV version 1: plain secrets at their path. */
import { isObject, parse, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { duringStorage, failure, refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { engine } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Reply } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { scanNames } from '../../framework/scan.ts';

const ABOUT = `Keeps secrets at the path where they were written. A secret is an object with any keys; a write
replaces it as a whole. Its "ttl" tells readers after what time to read it again: nothing is
revoked by this engine.`;

/** Its "ttl" (or "lease") is a hint; what cannot be read counts as none. */
async function readSecret(
  path: string,
  { storage, system }: Call<unknown, object, BackendContext>,
): Promise<Reply | undefined> {
  let stored;
  try {
    stored = await storage.get(path);
  } catch (error) {
    throw duringStorage('read failed', error);
  }
  if (stored === undefined) return undefined;
  const data = parse(stored);
  if (!isObject(data)) throw failure('json decoding failed: not an object');
  const wish = Object.hasOwn(data, 'ttl') ? data['ttl'] : data['lease'];
  let ttl = system.defaultLeaseTtl();
  if (wish !== undefined) {
    try {
      ttl = toMicros(wish);
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
    }
  }
  return reply({ data, secret: { ttl, maxTtl: 0, renewable: false, internal: {} } });
}

const folderOf = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`);

export const plainKv = engine({ type: 'kv', idPrefix: 'kv', idPrefixInHelp: false, about: ABOUT }).path(
  ':path*',
  'Secrets at any path.',
  { path: field.string('Location of the secret.') },
  {
    read: { run: ({ path }, call) => readSecret(path, call) },
    create: { run: ({ path }, call) => writeSecret(path, call) },
    update: { forward: true, run: ({ path }, call) => writeSecret(path, call) },
    delete: { forward: true, run: ({ path }, { storage }) => storage.delete(path) },
    list: { run: ({ path }, { storage }) => storage.list(folderOf(path)) },
    scan: { run: ({ path }, { storage }) => scanNames((folder) => storage.list(folderOf(path) + folder)) },
  },
  {
    exists: async ({ path }, { storage }) => (await storage.get(path)) !== undefined,
    help: 'Any keys may be written. A "ttl" among them becomes the lease duration that readers are told.',
  },
);

async function writeSecret(path: string, { request, storage }: Call<unknown, object, BackendContext>): Promise<void> {
  if (path === '') throw refuse('missing path');
  if (Object.keys(request.data).length === 0) throw refuse('missing data fields');
  try {
    await storage.put(path, encodeUtf8(print(request.data)));
  } catch (error) {
    throw duringStorage('failed to write', error);
  }
}

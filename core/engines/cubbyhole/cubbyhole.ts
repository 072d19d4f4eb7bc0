/** The cubbyhole: plain secrets that only the token that wrote them can read, gone with it. */
import { isObject, parse, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { createBackend } from '../../framework/backend.ts';
import type { Call } from '../../framework/call.ts';
import { engine } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import type { Storage } from '../../storage/storage.ts';

type CubbyCall = Call<undefined, object, BackendContext>;

/** In the caller's own folder. */
function place(path: string, { request }: CubbyCall): string {
  const id = request.caller?.cubbyholeId ?? '';
  if (id === '') {
    throw failure(
      request.caller?.tokenType === 'batch'
        ? "cubbyhole operations are only supported by 'service' type tokens"
        : 'client token empty',
    );
  }
  return `${id}/${path}`;
}

function named(path: string): string {
  if (path === '') throw failure('missing path');
  return path;
}

export const cubbyhole = engine({
  type: 'cubbyhole',
  idPrefix: 'cubbyhole',
  untagged: true,
  about:
    'Keeps secrets like the kv engine, but in a place of its own for every token: no token reads what another one\nwrote, and all of it is removed when the token is revoked. Wrapped responses travel this way.',
}).path(
  ':path*',
  'Secrets at any path, seen by one token only.',
  { path: field.string('Location of the secret.') },
  {
    read: {
      about: 'Read a secret.',
      id: { verb: 'read' },
      run: async ({ path }, call) => {
        const stored = await call.storage.get(place(named(path), call));
        if (stored === undefined) return undefined;
        const data = parse(stored);
        return isObject(data) ? data : undefined;
      },
    },
    write: {
      about: 'Write a secret.',
      id: { verb: 'write' },
      run: async ({ path }, call) => {
        if (Object.keys(call.request.data).length === 0) throw failure('missing data fields');
        await call.storage.put(place(named(path), call), encodeUtf8(print(call.request.data)));
      },
    },
    delete: {
      about: 'Delete a secret.',
      id: { verb: 'delete' },
      run: async ({ path }, call) => {
        if (path !== '') await call.storage.delete(place(path, call));
      },
    },
    list: {
      about: 'List secrets.',
      id: { verb: 'list' },
      run: ({ path }, call) => {
        const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
        return call.storage.list(place(folder, call));
      },
    },
  },
  {
    exists: async ({ path }, call) => (await call.storage.get(place(path, call))) !== undefined,
    help: 'Any keys may be written. Every token sees only what it wrote itself.',
  },
);

export const createCubbyhole = (context: BackendContext): Backend => createBackend(cubbyhole, context);

/** Removes all that a token wrote: part of its revocation. `storage` is the cubbyhole mount's view. */
export async function revokeCubbyhole(storage: Storage, cubbyholeId: string): Promise<void> {
  const folders = [`${cubbyholeId}/`];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await storage.list(folder)) {
      if (name.endsWith('/')) folders.push(folder + name);
      else await storage.delete(folder + name);
    }
  }
}

/** Removes expired secret ids, and accessors that lead nowhere: every minute, and on request. */
import { isObject, parse } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { paths } from '../../framework/engine.ts';
import { reply } from '../../framework/reply.ts';
import { LOCAL_SECRET_ID_PREFIX, SECRET_ID_PREFIX } from './role.ts';
import { accessorFolder } from './store.ts';
import type { AppRoleStore } from './store.ts';

/** Does nothing while another one runs. */
export async function tidy(store: AppRoleStore): Promise<void> {
  if (store.tidying) return;
  store.tidying = true;
  try {
    for (const prefix of [SECRET_ID_PREFIX, LOCAL_SECRET_ID_PREFIX]) await tidyUnder(store, prefix);
  } finally {
    store.tidying = false;
  }
}

async function tidyUnder(store: AppRoleStore, prefix: string): Promise<void> {
  const { storage } = store;
  const folder = accessorFolder(prefix);
  // Accessors first: one that is made meanwhile is not looked at.
  const accessors = new Map<string, string>();
  for (const name of await storage.list(folder)) {
    const stored = await storage.get(folder + name);
    const entry = stored === undefined ? undefined : parse(stored);
    const hmac = isObject(entry) ? asString(entry['secret_id_hmac']) : undefined;
    if (hmac !== undefined) accessors.set(name, hmac);
  }
  const present = new Set<string>();
  for (const role of await storage.list(prefix)) {
    for (const hmac of await storage.list(prefix + role)) {
      if (await isKept(store, prefix, prefix + role + hmac, hmac)) present.add(hmac);
    }
  }
  for (const [name, hmac] of accessors) {
    if (!present.has(hmac)) await store.secretLocks.write(hmac, () => storage.delete(folder + name));
  }
}

function isKept(store: AppRoleStore, prefix: string, place: string, hmac: string): Promise<boolean> {
  const { storage } = store;
  return store.secretLocks.write(hmac, async () => {
    const secret = await store.storedSecretId(storage, place);
    if (secret === undefined) return false;
    const isOrphan = (await store.hmacOfAccessor(storage, prefix, secret.accessor)) === undefined;
    if (!isOrphan && !store.isExpired(secret)) return true;
    if (!isOrphan) await storage.delete(await store.accessorPlace(prefix, secret.accessor));
    await storage.delete(place);
    return false;
  });
}

export const tidyPaths = paths<AppRoleStore>().path(
  'tidy/secret-id',
  'Remove expired secret ids now.',
  {},
  {
    update: {
      forward: true,
      run: (_, { state, runtime }) => {
        if (state.tidying) return reply({ warnings: ['Tidy operation already in progress.'] });
        void tidy(state).catch((error: unknown) => {
          const shown = error instanceof Error ? error.message : String(error);
          runtime.log.write('error', 'tidy', 'error tidying secret IDs', { error: shown });
        });
        const started =
          "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.";
        return reply({ status: 202, warnings: [started] });
      },
    },
  },
  { id: { prefix: 'app-role', verb: 'tidy', suffix: 'secret-id' }, help: 'This happens by itself once a minute.' },
);

/** From version 1 to version 2: every plain entry becomes version 1 of a key; requests are refused meanwhile. */
import { print } from '../../codec/json.ts';
import type { Running } from '../../framework/call.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { scanNames } from '../../framework/scan.ts';
import { SECOND } from '../../runtime.ts';
import { decodeUpgradeInfo, encodeUpgradeInfo, newMetadata } from './messages.ts';
import { addVersion } from './options.ts';
import type { VersionedStore } from './versioned-store.ts';

/** How many keys go by between two words about them. */
const TOLD_EVERY = 500;

type Mounted = Running<VersionedStore, object, BackendContext>;

/** Starts the upgrade unless it is done, and does not wait for its end. A standby waits for the active node's. */
export async function startUpgrade(mounted: Mounted): Promise<void> {
  const { state: store, context } = mounted;
  if (await isDone(store)) return;
  store.upgrading = true;
  const work = context.system.active ? upgrade(store) : awaitUpgrade(store);
  void work.catch((error: unknown) => {
    const shown = error instanceof Error ? error.message : print(String(error));
    context.runtime.log.write('error', '', 'upgrading resulted in error', { error: shown });
  });
}

async function isDone(store: VersionedStore): Promise<boolean> {
  const stored = await store.storage.get(`${store.root}upgrading`);
  return stored !== undefined && decodeUpgradeInfo(stored).done;
}

async function awaitUpgrade(store: VersionedStore): Promise<void> {
  do await store.runtime.clock.sleep(SECOND);
  while (!store.stopped && !(await isDone(store)));
  store.upgrading = false;
}

async function upgrade(store: VersionedStore): Promise<void> {
  const { storage, runtime } = store;
  const log = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    runtime.log.write('info', '', message, fields);
  const startedTime = store.now();
  await storage.put(`${store.root}upgrading`, encodeUpgradeInfo({ startedTime, done: false }));
  log('collecting keys to upgrade');
  const keys = await scanNames((folder) => storage.list(folder));
  log('done collecting keys', { num_keys: keys.length });
  for (const [index, key] of keys.entries()) {
    if (store.stopped) return;
    if (index % TOLD_EVERY === 0)
      runtime.log.write('debug', '', 'upgrading keys', { progress: `${index}/${keys.length}` });
    if (!key.startsWith(store.root)) await upgradeKey(store, key);
  }
  log('upgrading keys finished');
  await store.names(storage);
  await storage.put(`${store.root}upgrading`, encodeUpgradeInfo({ startedTime, done: true }));
  store.upgrading = false;
}

// Three writes, as upstream: version, metadata, and only then the old entry goes.
function upgradeKey(store: VersionedStore, key: string): Promise<void> {
  return store.locks.write(key, async () => {
    const { storage } = store;
    const data = await storage.get(key);
    if (data === undefined) return;
    const createdTime = store.now();
    const metadata = newMetadata(key);
    await store.putVersion(storage, key, 1, { data, createdTime, deletionTime: undefined });
    addVersion(metadata, createdTime, undefined, 1);
    await store.putMetadata(storage, metadata);
    await storage.delete(key);
  });
}

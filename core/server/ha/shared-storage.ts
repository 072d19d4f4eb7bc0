/** Storage that several nodes read and one writes, without a word of its own about what changes in it. */
import type { Runtime } from '../../runtime.ts';
import type { TrackedStorage } from '../../storage/tracked.ts';
import type { StorageIndex } from '../config.ts';
import { ChangeFeed } from './change-feed.ts';
import type { LeaderFinder } from './leader-finder.ts';
import type { Listening } from './standby-reads.ts';
import type { ToldChanges } from './told-changes.ts';

/** There the active node tells its standbys. */
export interface SharedStorage {
  readonly storage: TrackedStorage;
  readonly index: StorageIndex;
  /** Rejects when another node may have written since this one became active. */
  check(): Promise<void>;
}

/** Whether nobody else can have written since this node became active. */
export const alone = (shared: SharedStorage): Promise<boolean> =>
  shared.check().then(
    () => true,
    () => false,
  );

/** The index is right only when nobody else can have written before it was asked for. */
export function feedOf(runtime: Runtime, shared: SharedStorage): ChangeFeed {
  const feed = new ChangeFeed(
    async () => {
      const now = await shared.index.now();
      await shared.check();
      return now;
    },
    (error) => runtime.log.write('error', 'core', 'failed to stream invalidations', { error }),
  );
  shared.storage.writing = (keys) => feed.writing(keys);
  return feed;
}

/** What a standby hears from whoever is active. */
export const listening = (finder: LeaderFinder, told: ToldChanges): Listening => ({
  begin: async () => {
    await finder.find();
    const { client } = finder;
    if (client !== undefined) await told.begin(client);
    return client !== undefined;
  },
  catchUp: () => told.catchUp(),
  end: () => told.end(),
});

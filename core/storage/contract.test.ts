import { describe, expect, it } from 'vitest';
import { CachedStorage } from './cache.ts';
import { optimisticContract, storageContract } from './contract.ts';
import { TestDisk } from './disk.fixture.ts';
import { FileStorage } from './file.ts';
import { InmemStorage } from './inmem.ts';
import type { Storage } from './storage.ts';
import { StorageView } from './view.ts';

const kinds: Record<string, () => Storage> = {
  inmem: () => new InmemStorage(),
  file: () => new FileStorage(new TestDisk(), 'data/'),
  'view of inmem': () => new StorageView(new InmemStorage(), 'logical/uuid/'),
  'view of cache of inmem': () => new StorageView(new CachedStorage(new InmemStorage()), 'a/').sub('b/'),
  'tiny cache of file': () => new CachedStorage(new FileStorage(new TestDisk()), 2),
};

for (const [kind, make] of Object.entries(kinds)) {
  describe(kind, () => {
    for (const check of [...storageContract, ...optimisticContract]) {
      if (check.transactional === true && !make().transactional) continue;
      it(check.name, async () => {
        await expect(check.run(make())).resolves.toBeUndefined();
      });
    }
  });
}

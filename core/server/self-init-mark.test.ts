import { expect, test } from 'vitest';
import { testRuntime } from '../storage/barrier/barrier.fixture.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { testNode } from './node.fixture.ts';
import { withoutShares } from './seal/init.ts';
import { staticKey } from './seal/seal.fixture.ts';
import { StaticWrapper } from './seal/static-wrapper.ts';

const asked = withoutShares;

/** Another one over the same storage is the same server started again, or one that has joined it. */
const nodeOver = (storage: InmemStorage) =>
  testNode({
    physical: { type: 'inmem', storage },
    seal: new StaticWrapper(testRuntime(), { currentKey: staticKey, currentKeyId: 'k1' }),
  }).node;

test('nobody opens what is half initialised, however often it is tried; it opens once it is done', async () => {
  const storage = new InmemStorage();
  const joined = nodeOver(storage);
  await nodeOver(storage).initialiseItself(asked, async () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(joined.unsealStored()).rejects.toThrow('self-initialization failed: refusing to unseal');
    }
  });
  expect(await joined.unsealStored()).toBe(true);
  expect(joined.states.state).toBe('active');
});

test('who has failed half-way does not open itself again', async () => {
  const node = nodeOver(new InmemStorage());
  await expect(node.initialiseItself(asked, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await node.states.sealNow();
  await expect(node.unsealStored()).rejects.toThrow('self-initialization failed: refusing to unseal');
});

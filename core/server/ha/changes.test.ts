import { expect, test } from 'vitest';
import type { Runtime } from '../../runtime.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { FakeClock } from '../../storage/postgresql/postgresql.fixture.ts';
import { TestDisk } from '../../storage/disk.fixture.ts';
import { testRuntime } from '../../storage/runtime.fixture.ts';
import { TrackedStorage } from '../../storage/tracked.ts';
import { ChangeFeed, type Follower } from './change-feed.ts';
import type { ChangeListener, ForwardingClient } from './forwarding-client.ts';
import { Invalidations } from './invalidations.ts';
import { ToldChanges } from './told-changes.ts';

const bytes = new Uint8Array(1);
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a follower hears, as text. */
function listener(): Follower & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    tell: (keys, index) => void heard.push(`${keys.join()}@${index}`),
    ended: () => void heard.push('ended'),
  };
}

/** A feed that is told of a storage's writes; each answer about the index waits for `answer`. */
function fed() {
  const asked: ((index: string | Error) => void)[] = [];
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => asked.push((index) => (index instanceof Error ? reject(index) : resolve(index))));
  const feed = new ChangeFeed(ask, () => undefined);
  const storage = new TrackedStorage(new InmemStorage());
  storage.writing = (keys) => feed.writing(keys);
  const answer = async (index: string | Error): Promise<void> => {
    asked.shift()!(index);
    await soon();
  };
  return { feed, storage, asked, answer };
}

test('who follows hears an index first, and then of what is written, by itself or together', async () => {
  const { feed, storage, answer } = fed();
  const one = listener();
  await storage.put('before', bytes);
  feed.follow(one);
  await answer('1');
  await storage.delete('a');
  await answer('2');
  const transaction = await storage.begin();
  await transaction.put('b', bytes);
  await transaction.delete('c');
  await (await storage.begin({ readOnly: true })).get('b');
  await soon();
  expect(one.heard).toEqual(['@1', 'a@2']);
  await transaction.commit();
  await answer('3');
  expect(one.heard).toEqual(['@1', 'a@2', 'b,c@3']);
});

test('who comes while an index is asked for waits for the next, and a write meanwhile is told with both', async () => {
  const { feed, storage, answer } = fed();
  const [one, two] = [listener(), listener()];
  feed.follow(one);
  const leave = feed.follow(two);
  await storage.put('a', bytes);
  await answer('1');
  await answer('2');
  expect([one.heard, two.heard]).toEqual([['a@1', 'a@2'], ['a@2']]);
  leave();
  const written = feed.writing(['open']);
  feed.mark();
  await answer('3');
  written();
  await answer('4');
  expect([one.heard, two.heard]).toEqual([['a@1', 'a@2', 'open@3', 'open@4'], ['a@2']]);
});

test('without an index everybody has to begin anew', async () => {
  const { feed, storage, asked, answer } = fed();
  const one = listener();
  feed.follow(one);
  await answer(new Error('the lock is lost'));
  await storage.put('a', bytes);
  expect([one.heard, asked]).toEqual([['ended'], []]);
});

/** A standby's side, whose storage is as far as `at` says, and what it has forgotten. */
async function listening() {
  const clock = new FakeClock();
  const warned: unknown[] = [];
  const log = {
    write: (level: string, _: string, text: string, pairs?: object) =>
      void (level === 'warn' && warned.push([text, pairs])),
  };
  const runtime = { ...testRuntime(new TestDisk()), clock, log } as Runtime;
  const state = { at: 0, ended: 0, marks: 0, forgotten: [] as string[] };
  let told: ChangeListener | undefined;
  const invalidations = new Invalidations(
    runtime,
    async (keys) => void state.forgotten.push(...keys),
    () => undefined,
  );
  invalidations.enable(true);
  const index = { now: async () => String(state.at), order: (value: string) => Number(value) };
  const changes = new ToldChanges(runtime, index, invalidations, () => void state.ended++);
  const client = {
    follow: async (listens: ChangeListener) => {
      told = listens;
      return () => void state.marks++;
    },
  } as unknown as ForwardingClient;
  let begun = false;
  const beginning = changes.begin(client).then(() => (begun = true));
  await soon();
  return { clock, state, changes, told: told!, begun: () => begun, beginning, invalidations, warned };
}

test('a standby waits for its own storage: with the beginning, and with each change', async () => {
  const { clock, state, changes, told, begun } = await listening();
  told.changed([], '5');
  await clock.pass(50_000);
  expect(begun()).toBe(false);
  state.at = 5;
  await clock.pass(50_000);
  expect(begun()).toBe(true);
  told.changed(['a'], '7');
  told.changed(['b'], '9');
  state.at = 8;
  await clock.pass(50_000);
  expect(state.forgotten).toEqual(['a']);
  expect(await changes.caughtUp('7')).toBe(true);
  const late = changes.caughtUp('9');
  state.at = 9;
  await clock.pass(50_000);
  expect([await late, state.forgotten]).toEqual([true, ['a', 'b']]);
});

test('it asks how far everything is, and does not wait for ever', async () => {
  const { clock, state, changes, told } = await listening();
  told.changed([], '0');
  await clock.pass(50_000);
  const asked = changes.caughtUp('3');
  expect(state.marks).toBe(1);
  await clock.pass(2_000_000);
  expect(await asked).toBe(false);
  state.at = 3;
  const again = changes.catchUp();
  await soon();
  told.changed([], '4');
  state.at = 4;
  await clock.pass(50_000);
  expect([state.marks, await again]).toEqual([2, true]);
});

test('while reads are set up what is heard has to wait, and is not yet known', async () => {
  const { clock, state, changes, told, invalidations } = await listening();
  told.changed([], '0');
  await clock.pass(50_000);
  invalidations.hold(true);
  state.at = 1;
  told.changed(['a'], '1');
  await clock.pass(50_000);
  const asked = changes.caughtUp('1');
  expect(state.forgotten).toEqual([]);
  invalidations.hold(false);
  await clock.pass(50_000);
  expect([await asked, state.forgotten]).toEqual([true, ['a']]);
});

test('when the stream has ended nothing is known any more', async () => {
  const { clock, state, changes, told, beginning } = await listening();
  told.ended(new Error('gone'));
  await expect(beginning).rejects.toThrow('gone');
  expect([state.ended, await changes.caughtUp('0')]).toEqual([1, false]);
  told.changed(['a'], '0');
  await clock.pass(50_000);
  expect(state.forgotten).toEqual([]);
});

test('who stops listening says so, once, and only if somebody was listened to', async () => {
  const { changes, told, warned, clock } = await listening();
  told.changed([], '0');
  await clock.pass(50_000);
  changes.end();
  changes.end();
  const err = 'rpc error: code = Canceled desc = context canceled';
  expect(warned).toEqual([['forwarding: error receiving invalidation from active node', { err }]]);
  const nobody = { follow: () => Promise.reject(new Error('refused')) } as unknown as ForwardingClient;
  await expect(changes.begin(nobody)).rejects.toThrow('failed starting invalidation stream: refused');
  changes.end();
  expect(warned).toHaveLength(1);
});

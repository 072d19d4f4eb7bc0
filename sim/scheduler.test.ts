import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type Handle, Scheduler } from './scheduler.ts';

const none = (): void => {};

test.prop([fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 })])(
  'events come out by time, and by order of scheduling within a time',
  (times) => {
    const queue = new Scheduler<string>();
    const seen: number[] = [];
    for (const [index, time] of times.entries()) queue.add(time, 'p', 0, (i: number) => seen.push(i), index);
    for (let slot = queue.take(); slot >= 0; slot = queue.take()) queue.fire(slot);
    const expected = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time || a.index - b.index);
    expect(seen).toEqual(expected.map(({ index }) => index));
  },
);

test.prop([
  fc.array(fc.tuple(fc.constantFrom('add', 'add', 'take', 'hold', 'restore', 'cancel'), fc.nat(60)), {
    maxLength: 500,
  }),
])('the heap agrees with a sorted list under any mix of operations', (operations) => {
  const queue = new Scheduler<string>();
  let model: { time: number; order: number; id: number; handle: Handle }[] = [];
  const held: { id: number; handle: Handle }[] = [];
  const handles: { id: number; handle: Handle }[] = [];
  let order = 0;
  for (const [operation, argument] of operations) {
    if (operation === 'add') {
      const id = handles.length;
      const handle = queue.add(argument, 'p', id, none, undefined);
      handles.push({ id, handle });
      model.push({ time: argument, order: order++, id, handle });
    } else if (operation === 'cancel' && handles.length > 0) {
      const { id, handle } = handles[argument % handles.length]!;
      const waiting = model.some((event) => event.id === id);
      const paused = held.findIndex((event) => event.id === id);
      expect(queue.cancel(handle)).toBe(waiting || paused >= 0);
      model = model.filter((event) => event.id !== id);
      if (paused >= 0) held.splice(paused, 1);
    } else if (operation === 'restore' && held.length > 0) {
      const { id, handle } = held.shift()!;
      queue.restore(handle, argument);
      model.push({ time: argument, order: order++, id, handle });
    } else if (operation === 'take' || operation === 'hold') {
      model.sort((a, b) => a.time - b.time || a.order - b.order);
      const first = model.shift();
      expect(queue.nextTime).toBe(first?.time ?? Infinity);
      const slot = queue.take();
      if (first === undefined) {
        expect(slot).toBe(-1);
        continue;
      }
      expect(queue.kind(slot)).toBe(first.id);
      if (operation === 'take') queue.free(slot);
      else held.push({ id: first.id, handle: queue.handle(slot) });
    }
    expect(queue.size).toBe(model.length);
  }
});

test('a handle that is used up never cancels the slot’s next event', () => {
  const queue = new Scheduler<string>();
  const first = queue.add(1, 'p', 0, none, undefined);
  queue.free(queue.take());
  const second = queue.add(2, 'p', 0, none, undefined);
  expect(queue.cancel(first)).toBe(false);
  expect(queue.size).toBe(1);
  expect(queue.cancel(second)).toBe(true);
});

import { expect, test } from 'vitest';
import { ask, fakeNode } from './api.fixture.ts';

const opened = { open: () => Promise.resolve({ data: { open: true } }) };

/** Whether the path was open, or went the way of every request. */
async function wayOf(line: string, options: object): Promise<'open' | 'asked'> {
  const usual = fakeNode();
  const node = fakeNode({ ...opened, options: { ...usual.options, ...options } });
  await ask(node, line);
  return node.seen.length === 0 ? 'open' : 'asked';
}

test.each([
  ['GET /v1/sys/pprof/heap', {}, 'asked'],
  ['GET /v1/sys/pprof/heap', { unauthenticatedPprof: true }, 'open'],
  ['PUT /v1/sys/pprof/heap', { unauthenticatedPprof: true }, 'open'],
  ['GET /v1/sys/mounts', { unauthenticatedPprof: true }, 'asked'],
  ['GET /v1/sys/in-flight-req', {}, 'asked'],
  ['GET /v1/sys/in-flight-req', { unauthenticatedInFlight: true }, 'open'],
  ['GET /v1/sys/mounts', { unauthenticatedInFlight: true }, 'asked'],
] as const)('%s with %j is %s', async (line, options, way) => {
  expect(await wayOf(line, options)).toBe(way);
});

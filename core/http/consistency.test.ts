import { expect, test } from 'vitest';
import { failure } from '../fault.ts';
import type { Response } from '../framework/logical.ts';
import type { ApiOptions, Health } from './api.ts';
import { ask, exchange, fakeNode } from './api.fixture.ts';

const ok = { data: { a: 1 } } satisfies Response;
const index = () => ({ clusterId: 'c', value: '7', behind: (value: string) => Number(value) > 7, reached: () => true });
const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

test('successes carry the index, others do not', async () => {
  const good = await exchange(fakeNode({ index, answer: () => ok }), 'GET /v1/kv/a');
  expect(good?.headers).toContainEqual(['X-Vault-Index', header({ cluster: 'c', value: '7' })]);
  const missing = await exchange(fakeNode({ index }), 'GET /v1/kv/a');
  expect(missing?.headers.some(([name]) => name === 'X-Vault-Index')).toBe(false);
});

test.each([
  [{ 'x-vault-index': '!!' }, '400 {"errors":["failed to decode \\"X-Vault-Index\\""]}'],
  [{ 'x-vault-index': header([]) }, '400 {"errors":["failed to decode \\"X-Vault-Index\\""]}'],
  [{ 'x-vault-index': '' }, '404 {"errors":[]}'],
  [{ 'x-vault-index': header({}) }, '404 {"errors":[]}'],
  [{ 'x-vault-index': header({ cluster: 'c', value: '7' }) }, '404 {"errors":[]}'],
  [{ 'x-vault-index': header({ cluster: 'other', value: '9' }) }, '404 {"errors":[]}'],
  [{ 'x-vault-index': header({ cluster: 'c', value: '8' }) }, '429 {"errors":[]}'],
  [{ 'x-vault-inconsistent': '' }, '400 {"errors":["unknown value for \\"X-Vault-Inconsistent\\" header"]}'],
  [{ 'x-vault-inconsistent': 'fail' }, '404 {"errors":[]}'],
] as [Record<string, string>, string][])('%j is answered %s', async (headers, answer) => {
  expect(await ask(fakeNode({ index }), 'GET /v1/kv/a', { headers })).toBe(answer);
});

test('a client behind may ask to be forwarded', async () => {
  const active = { status: 200, headers: [], body: new Uint8Array(0) };
  const node = fakeNode({
    index,
    activeAddress: () => Promise.resolve('http://a'),
    forward: () => Promise.resolve(active),
  });
  const headers = {
    'x-vault-index': header({ cluster: 'c', value: '8' }),
    'x-vault-inconsistent': 'forward-active-node',
  };
  expect(await exchange(node, 'GET /v1/kv/a', { headers })).toBe(active);
});

const active = { activeAddress: () => Promise.resolve('http://a'), forward: () => Promise.resolve(undefined) };

/** A clock that a wait moves on, and a node that has reached index 8 after as many looks. */
function waiting(looks: number, options: Partial<ApiOptions>) {
  let slept = 0;
  const node = fakeNode(active);
  return {
    ...node,
    index: () => ({ clusterId: 'c', value: '7', behind: () => slept < looks, reached: () => true }),
    options: { ...node.options, ...options },
    runtime: {
      ...node.runtime,
      clock: {
        ...node.runtime.clock,
        monotonic: () => slept * 10_000,
        sleep: () => Promise.resolve(void (slept += 1)),
      },
    },
  };
}
const wish = { 'x-vault-index': header({ cluster: 'c', value: '8' }), 'x-vault-inconsistent': 'await-state' };

test.each([
  [3, { maxIndexWait: 50_000 }, '404 {"errors":[]}'],
  [9, { maxIndexWait: 50_000 }, '429 {"errors":[]}'],
  [1, {}, '429 {"errors":[]}'],
  [9, { maxIndexWait: 50_000, indexFallback: 'forward-active-node' }, '307'],
  [
    9,
    { indexFallback: 'nothing known' },
    `400 ${JSON.stringify({ errors: ['unknown second value for "X-Vault-Inconsistent": must either be "fail" or "forward-active-node"'] })}`,
  ],
])('who awaits an index that is there after %d looks, with %j, is answered %s', async (looks, options, answer) => {
  expect(await ask(waiting(looks, options), 'GET /v1/kv/a', { headers: wish })).toBe(answer);
});

test('without any header the active node answers, where a listener says so', async () => {
  const strict = (state: Partial<Health>) => {
    const node = fakeNode({ index, state, ...active });
    return { ...node, options: { ...node.options, forwardsWithoutIndex: true } };
  };
  expect(await ask(strict({ standby: true }), 'GET /v1/sys/health')).toBe('307');
  expect(await ask(strict({ sealed: true, standby: true }), 'GET /v1/sys/health')).toBe(
    '503 {"errors":["Vault is sealed"]}',
  );
  expect(await ask(strict({}), 'GET /v1/kv/a')).toBe('404 {"errors":[]}');
  const said = { 'x-vault-inconsistent': 'fail' };
  expect(await ask(strict({ standby: true }), 'GET /v1/kv/a', { headers: said })).toBe('404 {"errors":[]}');
});

test('a node that cannot find out who is active answers 500', async () => {
  const lost = { index, activeAddress: () => Promise.reject(failure('no decryption key available for term 2')) };
  const headers = {
    'x-vault-index': header({ cluster: 'c', value: '8' }),
    'x-vault-inconsistent': 'forward-active-node',
  };
  const said = '500 {"errors":["no decryption key available for term 2"]}';
  expect(await ask(fakeNode(lost), 'GET /v1/kv/a', { headers })).toBe(said);
  expect(await ask(fakeNode({ ...lost, route: () => 'forward' }), 'GET /v1/kv/a')).toBe(said);
});

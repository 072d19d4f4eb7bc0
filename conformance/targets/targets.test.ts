import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseCase } from '../case.ts';
import { conform, live } from '../conform.ts';
import { oursInProcess } from './ours.ts';
import type { Target } from './target.ts';
import { openTarget } from './target.ts';

describe('a target that cannot be had is one clear line', () => {
  test.each([
    ['nothing', 'unknown target "nothing": '],
    ['program', 'target "program" wants a version like 2.7.2'],
    ['program:latest', 'target "program:latest" wants a version like 2.7.2'],
    ['http://127.0.0.1:1', 'no answer from http://127.0.0.1:1'],
  ])('%s', async (spec, text) => {
    const error = await openTarget(spec, 'token').catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(text);
    expect((error as Error).message).not.toContain('\n');
  });

  test('an address wants a token', async () => {
    await expect(openTarget('https://127.0.0.1:1')).rejects.toThrow('wants a token: BAO_TOKEN');
  });
});

/** Answers so many requests and is gone. */
const dying = (answers: number): Target => ({
  name: 'dying',
  kinds: ['dev'],
  start: async () => {
    let left = answers;
    const server = createServer((_, response) => {
      if (left-- > 0) response.end('{}\n');
      else {
        server.close();
        server.closeAllConnections();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      addresses: [`http://127.0.0.1:${port}`],
      token: 't',
      version: '2.7.2',
      alive: () => true,
      stop: () => Promise.resolve(),
    };
  },
  close: () => Promise.resolve(),
});

test('a target that dies keeps what it said before, and the other cases go on', async () => {
  const cases = ['one', 'two'].map((name) => parseCase('GET sys/a\nGET sys/b\nGET sys/c\n', `sys/${name}`));
  const report = await conform(live(dying(2)), live(oursInProcess()), cases, [], { done: () => undefined });
  expect(report.cases.map(({ name, broken }) => [name, broken])).toEqual([
    ['sys/one', 'dying died: GET sys/c'],
    ['sys/two', 'dying died: GET sys/c'],
  ]);
  expect(report.cases[0]!.differences.filter(({ step }) => step === 2)).toMatchObject([{ actual: 'no answer' }]);
});

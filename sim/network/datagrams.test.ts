import { expect, test } from 'vitest';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { MILLISECOND, SECOND } from '../../core/runtime.ts';
import { nodePump } from '../../host/pump.ts';
import { constant } from '../distribution.ts';
import { Bench } from '../testing.ts';

interface Story {
  /** Before the question is sent. */
  readonly before?: (bench: Bench) => void;
  /** What the server says, how long after. */
  readonly answer?: (question: Uint8Array) => Uint8Array | undefined;
  readonly thinking?: number;
  readonly address?: string;
}

/** What a program that asks a server gets, and how often the server was asked. */
async function asked(story: Story): Promise<{ readonly said: unknown; readonly heard: number }> {
  const bench = new Bench(portableCrypto(), '1', {});
  let heard = 0;
  bench.run('server', ({ datagrams, clock }) => {
    datagrams.answerAt('server:1812', async (question) => {
      heard++;
      await clock.sleep(story.thinking ?? 0);
      return (story.answer ?? ((bytes) => Uint8Array.of(2, ...bytes)))(question);
    });
  });
  let said: unknown;
  bench.run('n1', async ({ datagrams, clock }) => {
    await clock.sleep(SECOND);
    story.before?.(bench);
    const address = story.address ?? 'server:1812';
    said = await datagrams
      .ask({ address, message: Uint8Array.of(1), timeout: SECOND, takes: (bytes) => bytes[0] === 2 })
      .catch((error: unknown) => (error as Error).message);
  });
  await nodePump(bench.world, () => said !== undefined && bench.world.now > 5 * SECOND);
  return { said, heard };
}

test('a question is heard and answered once', async () => {
  expect(await asked({})).toEqual({ said: Uint8Array.of(2, 1), heard: 1 });
});

test('what is not taken is no answer, and silence ends the patience', async () => {
  expect(await asked({ answer: () => Uint8Array.of(3) })).toEqual({ said: 'context deadline exceeded', heard: 1 });
  expect(await asked({ answer: () => undefined })).toEqual({ said: 'context deadline exceeded', heard: 1 });
  expect((await asked({ thinking: 1_100 * MILLISECOND })).said).toBe('context deadline exceeded');
});

test('a machine without such a port refuses, a name without a machine leads nowhere', async () => {
  const { said } = await asked({ address: 'server:1813' });
  expect(said).toMatch(/^read udp n1:\d+->server:1813: read: connection refused$/);
  expect((await asked({ address: 'nobody:1812' })).said).toBe('dial udp: lookup nobody: no such host');
});

test('nothing that is lost is sent again', async () => {
  const lost = { said: 'context deadline exceeded', heard: 0 };
  expect(await asked({ before: ({ network }) => network.block('n1', 'server') })).toEqual(lost);
  expect(await asked({ before: ({ network }) => network.rule(() => 'drop') })).toEqual(lost);
  const back = { said: 'context deadline exceeded', heard: 1 };
  expect(await asked({ before: ({ network }) => network.block('server', 'n1') })).toEqual(back);
});

test('delays and other bytes on the way', async () => {
  const late = ({ network }: Bench) => network.clog('n1', 'server', constant(2 * SECOND));
  expect(await asked({ before: late })).toEqual({ said: 'context deadline exceeded', heard: 1 });
  const bent = ({ network }: Bench) =>
    network.rule(({ to }) => (to === 'server' ? { instead: Uint8Array.of(9) } : 'pass'));
  expect((await asked({ before: bent })).said).toEqual(Uint8Array.of(2, 9));
});

test('a duplicate is heard twice', async () => {
  const twice = ({ network }: Bench) => {
    const link = network.link('n1', 'server');
    link.profile = { ...link.profile, duplication: 1_000_000 };
  };
  expect(await asked({ before: twice })).toEqual({ said: Uint8Array.of(2, 1), heard: 2 });
});

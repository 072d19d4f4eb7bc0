import { setupServer } from 'msw/node';
import type { HttpHandler } from 'msw';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../embed/index.ts';
import { mockBao, replayBao } from '../../embed/msw.ts';
import { CLIENTS, loadClient } from './recording.ts';
import type { ClientScript, Told } from './told.ts';

const ADDRESS = 'http://bao.test:8200';

async function throughMsw(handlers: readonly HttpHandler[], play: ClientScript): Promise<readonly Told[]> {
  const worker = setupServer(...handlers);
  worker.listen({ onUnhandledFrame: 'error' });
  try {
    return await play(ADDRESS, 'root');
  } finally {
    worker.close();
  }
}

describe.each(Object.entries(CLIENTS))('%s is told what the real server told it', (name, play) => {
  test('by startServer', async () => {
    await using bao = await startServer();
    expect(await play(bao.address, bao.token)).toEqual(loadClient(name).told);
  });

  test('by the core behind msw, without a port', async () => {
    await using bao = await mockBao({ address: ADDRESS });
    expect(await throughMsw(bao.handlers, play)).toEqual(loadClient(name).told);
  });

  test('by a recording behind msw', async () => {
    using bao = replayBao(loadClient(name).exchanges, { address: ADDRESS });
    expect(await throughMsw(bao.handlers, play)).toEqual(loadClient(name).told);
    expect(bao.unknown).toEqual([]);
  });
});

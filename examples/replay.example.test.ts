/**
 * Tests against what a real OpenBao once answered: recorded with `recordBao`, kept in a file, replayed without a server.
 * Made by `recordBao({ server, address })`, the code under test, and `await bao.recording()`.
 */
import { setupServer } from 'msw/node';
import { expect, test } from 'vitest';
import { type BaoRecording, replayBao } from 'bao-steamer/msw';

const recording: BaoRecording = {
  version: '2.7.2',
  exchanges: [
    {
      request: { method: 'GET', url: '/v1/secret/metadata?list=true', token: 'app' },
      response: { status: 403, headers: {}, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } },
    },
  ],
};

test('the application tells that it may not look', async () => {
  using bao = replayBao(recording, { address: 'http://bao.test' });
  const worker = setupServer(...bao.handlers);
  worker.listen({ onUnhandledFrame: 'error' });
  try {
    const headers = { 'X-Vault-Token': 'app' };
    const response = await fetch('http://bao.test/v1/secret/metadata', { method: 'LIST', headers });
    expect(response.status).toBe(403);
    expect(bao.unknown).toEqual([]);
  } finally {
    worker.close();
  }
});

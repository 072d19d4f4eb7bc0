/** Plays the clients to the real server: what they are told must be what is recorded (RECORD=1 writes it down). */
import { setupServer } from 'msw/node';
import { describe, expect, test } from 'vitest';
import { recordBao } from '../../embed/msw.ts';
import { baoProgram, freePort, startProgram } from '../program.ts';
import { CLIENTS, loadClient, saveClient } from './recording.ts';

const ADDRESS = 'http://bao.test:8200';

describe('the real server tells clients what was recorded', () => {
  // Again on a fresh server where need be: unmounting what is still on the move fails on the real server one time in
  // eight ("failed to remove entry in mounts table").
  test.each(Object.entries(CLIENTS))('%s', { retry: 4 }, async (name, play) => {
    const port = await freePort();
    const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
    const server = await startProgram(await baoProgram(), ['server', ...flags], port);
    try {
      if (process.env['RECORD'] !== '1') {
        expect(await play(server.address, 'root')).toEqual(loadClient(name).told);
        return;
      }
      using bao = recordBao({ server: server.address, address: ADDRESS });
      const worker = setupServer(...bao.handlers);
      worker.listen({ onUnhandledFrame: 'bypass' });
      try {
        saveClient(name, { told: await play(ADDRESS, 'root'), exchanges: await bao.recording() });
      } finally {
        worker.close();
      }
    } finally {
      await server.stop();
    }
  });
});

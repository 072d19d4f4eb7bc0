/** A difference between two servers is found by generated sessions, shrunk, and kept as a case that shows it again. */
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../core/server/configuration/configuration.ts';
import { startServer } from '../../host/server.ts';
import { parseCase, printCase, stepText } from '../case.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import { freePort } from '../program.ts';
import { oursInProcess } from '../targets/ours.ts';
import type { Target } from '../targets/target.ts';
import { findDifference } from './sessions.ts';

/** Ours, but that secrets and tokens live for another time. */
const forgetful: Target = {
  name: 'forgetful',
  kinds: ['dev'],
  start: async () => {
    const port = await freePort();
    const text = `storage "inmem" {}\nlistener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\ndefault_lease_ttl = "5h"\n`;
    const { configuration } = parseConfiguration(text, 'test.hcl');
    const server = await startServer({
      configuration,
      log: { write: () => undefined },
      failed: (error) => {
        throw error;
      },
      dev: { rootToken: 'root', kvVersion: 2 },
    });
    const address = `http://127.0.0.1:${port}`;
    return { addresses: [address], token: 'root', version: '2.7.2', alive: () => true, stop: () => server.stop() };
  },
  close: () => Promise.resolve(),
};

test('a difference is shrunk to the shortest session, which is a case that shows it again', async () => {
  const found = await findDifference(forgetful, oursInProcess(), { count: 20, seed: 3 });
  expect(found).toBeDefined();
  expect(found!.steps.length).toBeLessThanOrEqual(2);
  expect(found!.differences.length).toBeGreaterThan(0);
  const again = parseCase(printCase('found', found!.steps), 'found/case');
  expect(again.steps.map(stepText)).toEqual(found!.steps.map(stepText));
  const [wrong, right] = [await forgetful.start('dev'), await oursInProcess().start('dev')];
  const answers = [await play('right', right, again.steps), await play('wrong', wrong, again.steps)] as const;
  expect(compareExchanges(...answers).length).toBeGreaterThan(0);
  await wrong.stop();
  await right.stop();
});

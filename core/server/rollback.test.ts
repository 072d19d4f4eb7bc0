import { expect, test } from 'vitest';
import { MINUTE } from '../runtime.ts';
import { builtinCatalog } from './mounts/builtin.ts';
import type { BackendFactory } from './mounts/catalog.ts';
import { devNode, type Client } from './node.fixture.ts';
import { tellRollbackWorkers } from './rollback.ts';
import { testServices } from './services.fixture.ts';

test('what is unmounted while others are tidied up is let alone', async () => {
  const tidied: string[] = [];
  let client: Client | undefined;
  const probe: BackendFactory = ({ mount }) => ({
    type: 'probe',
    handle: () => Promise.resolve(undefined),
    exists: () => Promise.resolve(undefined),
    special: { root: [], unauthenticated: [], binary: [] },
    periodic: async () => {
      tidied.push(mount.point);
      if (mount.point === 'a/') await client!.call('DELETE', 'sys/mounts/b');
    },
  });
  const usual = builtinCatalog();
  client = await devNode({ catalog: { ...usual, secret: new Map([...usual.secret, ['probe', probe]]) } });
  for (const name of ['a', 'b', 'c']) await client.call('POST', `sys/mounts/${name}`, { type: 'probe' });
  await client.clock.advance(MINUTE);
  expect(tidied).toEqual(['a/', 'c/']);
});

test.each([
  ['', 256, []],
  ['3', 3, []],
  ['0', 256, ['BAO_ROLLBACK_WORKERS must be a positive integer, but was 0']],
  ['zz', 256, ['BAO_ROLLBACK_WORKERS must be a positive integer, but was zz']],
])('BAO_ROLLBACK_WORKERS=%j is told as %i workers', (value, workers, odd) => {
  const said: string[] = [];
  const { runtime } = testServices().context;
  const log = { write: (_level: string, _name: string, message: string) => void said.push(message) };
  const environment = (name: string) => (name === 'BAO_ROLLBACK_WORKERS' ? value : undefined);
  tellRollbackWorkers({ ...runtime, log, environment });
  const begin = `Starting the rollback manager with ${workers} workers`;
  expect(said).toEqual([...odd, begin, 'starting rollback manager']);
});

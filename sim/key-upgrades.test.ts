import { expect, test } from 'vitest';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { openbao } from './openbao.ts';
import { runScenario } from './run.ts';
import { scenario } from './scenario.ts';

// As on 2.7.2: each node in turn becomes active, fails, hands over and seals, until none is left; by this seed the last
// one is elected before the second has gone.
test('a node whose keys cannot be upgraded when it becomes active seals itself, and so does the next', async () => {
  const story = scenario('a broken key upgrade', {}, async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { raw_storage_endpoint: true } });
    await bao.request('PUT', 'sys/raw/core/upgrade/1', { value: 'garbage' });
    await bao.stepDown();
    const sealed = async () => {
      const answers = await Promise.all(bao.names.map((name) => bao.operator.health(bao.address(name))));
      return answers.every((status) => status === 503);
    };
    await sim.eventually('30s', 'all are sealed', sealed);
  });
  const options = { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao, standard: false };
  const { violations, logs } = await runScenario(story, 2, options);
  expect(violations).toEqual([]);
  const failed = logs.filter(({ message }) => message === 'error performing key upgrades');
  expect(new Set(failed.map(({ node }) => node))).toEqual(new Set(['n1', 'n2', 'n3']));
  expect(String(failed[0]!.fields?.['error'])).toContain(
    'error checking for key upgrades: deserialization failed: invalid character',
  );
});

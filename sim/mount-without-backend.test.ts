import { expect, test } from 'vitest';
import { logText } from '../core/codec/log-text.ts';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { openbao } from './openbao.ts';
import { runScenario } from './run.ts';
import { scenario } from './scenario.ts';

/** As 2.7.2: version "+2" is taken as 2 when it is tuned, and is no version to the engine that starts with it. */
test('a mount that no engine can be made for keeps a node from becoming active, and the log says which', async () => {
  const story = scenario('a KV mount of version +2', async (sim) => {
    const bao = await sim.cluster({ nodes: 1, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    await bao.request('POST', 'sys/mounts/secret/tune', { options: { version: '+2' } });
    bao.kill('n1');
    bao.restart('n1');
    await sim.run('20s');
    expect((await bao.ask('GET', 'sys/health', { node: 'n1' })).status).not.toBe(200);
  });
  const { logs } = await runScenario(story, 1, {
    pump: nodePump,
    crypto: nodeCrypto(),
    nodeFactory: openbao,
    standard: false,
  });
  const lines = logs.map(({ level, name, message, fields }) => logText(level, name, message, fields));
  const missing = `path=secret/ error="nil backend of type \\"kv\\" returned from factory"`;
  expect(lines).toContain(`[ERROR] core: failed to create mount entry: ${missing}`);
  expect(lines).toContain('[ERROR] core: post-unseal setup failed: error="failed to setup mount table"');
});

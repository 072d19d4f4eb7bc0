import { expect, scenario } from '../../sim/story.ts';

/**
 * The only audit device sends its lines to a machine that goes away: nothing is done that could not be logged, whoever
 * was asked. With a second device things go on, as one of them is enough (facts §7).
 */
scenario('what no audit device could log is not done', { minimum: { faults: 2 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { unsafe_allow_api_audit_creation: true } });
  await bao.mount('secret', 'kv-v2');
  const collector = sim.client('collector');
  collector.start((runtime) => {
    runtime.network.listen('collector:9000', (connection) => connection.onMessage(() => {}));
  });
  const goAway = (): (() => void) => {
    const fault = sim.faults.begin('collector down', ['collector']);
    collector.kill();
    return () => {
      collector.restart();
      sim.faults.end(fault);
    };
  };
  const write = async (value: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (const node of bao.names)
      statuses.push((await bao.ask('POST', `secret/data/${node}`, { node, body: { data: { value } } })).status);
    return statuses;
  };
  const stored = async (): Promise<string> => {
    const texts: string[] = [];
    for (const node of bao.names) texts.push(JSON.stringify(await bao.request('GET', `secret/data/${node}`)));
    return texts.join('\n');
  };
  await bao.request('POST', 'sys/audit/far', { type: 'socket', options: { address: 'collector:9000' } });
  await sim.run('5s');
  for (const status of await write('canary-logged')) expect(status).toBe(200);
  let comeBack = goAway();
  for (const status of await write('canary-unlogged')) expect(status).toBe(500);
  for (const node of bao.names) expect((await bao.ask('GET', `secret/data/${node}`, { node })).status).toBe(500);
  comeBack();
  await sim.run('5s');
  expect((await stored()).split('canary-logged').length).toBe(bao.names.length + 1);

  await bao.request('POST', 'sys/audit/near', { type: 'file', options: { file_path: 'near.log' } });
  await sim.run('5s');
  comeBack = goAway();
  for (const status of await write('canary-once')) expect(status).toBe(200);
  comeBack();
  await sim.run('5s');
  expect((await stored()).split('canary-once').length).toBe(bao.names.length + 1);
});

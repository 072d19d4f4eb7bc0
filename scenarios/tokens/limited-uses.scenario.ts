import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Uses are counted by the active node alone, before anything is decided: refused requests cost one too. */
scenario('a token of ten uses is good for ten requests through whichever nodes', async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  await bao.mount('secret', 'kv-v2');
  await bao.request('PUT', 'sys/policies/acl/reader', { policy: 'path "secret/data/*" { capabilities = ["read"] }' });
  await bao.request('POST', 'secret/data/a', { data: { value: 'canary-a' } });
  const make = async (): Promise<string> => {
    const made = await bao.request('POST', 'auth/token/create', { policies: ['reader'], num_uses: 10, ttl: '1h' });
    return at(made, 'auth', 'client_token') as string;
  };
  const all = (token: string, times: number, path: string) =>
    Promise.all(
      Array.from({ length: times }, (_, turn) =>
        bao.ask('GET', path, { token, node: bao.names[turn % bao.names.length]! }),
      ),
    );
  const token = await make();
  const answers = await all(token, 25, 'secret/data/a');
  expect(answers.filter(({ status }) => status === 200).length).toBe(10);
  expect(answers.filter(({ status }) => status === 403).length).toBe(15);

  const other = await make();
  const refused = await all(other, 6, 'secret/metadata/a');
  expect(refused.every(({ status }) => status === 403)).toBe(true);
  const rest = await all(other, 10, 'secret/data/a');
  expect(rest.filter(({ status }) => status === 200).length).toBe(4);

  // Nobody has it in memory, and what is read of it comes late.
  const cold = await make();
  await sim.run('1s');
  const first = bao.leader;
  await bao.stepDown();
  await sim.run('2s');
  expect(bao.leader === first).toBe(false);
  bao.disk(bao.leader).chill('300ms');
  const late = await all(cold, 16, 'secret/data/a');
  expect(late.filter(({ status }) => status === 200).length).toBe(10);
  bao.disk(bao.leader).mend();
});

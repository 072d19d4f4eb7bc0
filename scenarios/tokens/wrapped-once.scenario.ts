import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Whoever opens a wrapped answer second must learn that somebody was first: that is what wrapping is for. */
scenario(
  'a wrapped answer is opened once, however many ask at once and wherever',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const wrap = async (): Promise<string> => {
      const headers = [['X-Vault-Wrap-TTL', '1h']] as const;
      const made = await bao.ask('POST', 'sys/wrapping/wrap', { headers, body: { secret: 'canary-wrapped' } });
      return at(made.json, 'wrap_info', 'token') as string;
    };
    const open = (token: string, node: string) => bao.ask('POST', 'sys/wrapping/unwrap', { token, node, body: {} });
    const race = async (token: string): Promise<number> => {
      const answers = await Promise.all([...bao.names, ...bao.names].map((node) => open(token, node)));
      return answers.filter(({ status }) => status === 200).length;
    };
    for (let round = 0; round < 8; round++) expect(await race(await wrap())).toBe(1);

    const waiting = await wrap();
    const contested = await wrap();
    const { leader } = bao;
    const racing = race(contested);
    sim.at('1ms', 'kill the leader', () => bao.kill(leader));
    const opened = await racing;
    expect(opened).toBeAtMost(1);
    await sim.run('30s');
    bao.restart(leader);
    await bao.ready();
    // An answer that was lost with the leader may have been the one; two are never given.
    expect(opened + (await race(contested))).toBeAtMost(1);
    expect(await race(waiting)).toBe(1);
  },
);

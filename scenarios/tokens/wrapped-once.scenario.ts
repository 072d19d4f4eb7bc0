import { at } from '../../sim/client.ts';
import { expectGoodOnce, scenario } from '../../sim/story.ts';

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
    await expectGoodOnce(sim, bao, wrap, open);
  },
);

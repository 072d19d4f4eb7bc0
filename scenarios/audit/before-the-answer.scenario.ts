import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { expect, scenario } from '../../sim/story.ts';

/** No answer leaves a node before what was asked and what is answered stand in an audit file (facts §7). */
scenario(
  'what a client knows, the audit log knows, whichever node answered',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { audit: true } });
    await bao.mount('secret', 'kv-v2');
    const lines = (): string[] => bao.names.flatMap((node) => decodeUtf8(bao.disk(node).read('audit.log')).split('\n'));
    const told = (path: string, type: 'request' | 'response'): number =>
      lines().filter((line) => line.includes(`"path":"${path}"`) && line.includes(`"type":"${type}"`)).length;
    let answered = 0;
    const ask = async (method: string, path: string, node: string): Promise<void> => {
      const body = method === 'POST' ? { body: { data: { value: `canary-${path}`, list: [`canary-${path}`] } } } : {};
      const { status } = await bao.ask(method, path, { node, ...body });
      if (status === 0 || status >= 500) return;
      answered++;
      expect(told(path, 'request')).toBeAtLeast(1);
      expect(told(path, 'response')).toBeAtLeast(1);
    };
    const round = async (name: string, nodes: readonly string[]): Promise<void> => {
      for (const [turn, node] of nodes.entries()) {
        await ask('POST', `secret/data/${name}-${turn}`, node);
        await ask('GET', `secret/data/${name}-${turn}`, node);
        await ask('GET', `secret/data/absent-${name}-${turn}`, node);
        await ask('GET', `nowhere/${name}-${turn}`, node);
      }
    };
    await round('before', bao.names);
    const { leader, followers } = bao;
    bao.kill(leader);
    await round('during', followers);
    await sim.run('30s');
    await round('after', [bao.leader, ...bao.followers]);
    bao.restart(leader);
    await bao.ready();
    expect(answered).toBeAtLeast(24);
    expect(lines().some((line) => line.includes('canary-secret'))).toBe(false);
  },
);

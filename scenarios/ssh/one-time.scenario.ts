import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** A one-time password that lets two in is none: hosts ask wherever they like, at once, and while the leader dies. */
scenario(
  'a one-time password lets one in, however many hosts ask at once and wherever',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('ssh', 'ssh');
    await bao.request('POST', 'ssh/roles/r', { key_type: 'otp', default_user: 'app', cidr_list: '10.0.0.0/8' });
    const make = async (): Promise<string> =>
      at(await bao.request('POST', 'ssh/creds/r', { ip: '10.1.2.3' }), 'data', 'key') as string;
    const race = async (otp: string): Promise<number> => {
      const answers = await Promise.all(
        [...bao.names, ...bao.names].map((node) => bao.ask('POST', 'ssh/verify', { node, body: { otp } })),
      );
      return answers.filter(({ status }) => status === 200).length;
    };
    for (let round = 0; round < 8; round++) expect(await race(await make())).toBe(1);

    const waiting = await make();
    const contested = await make();
    const { leader } = bao;
    const racing = race(contested);
    sim.at('1ms', 'kill the leader', () => bao.kill(leader));
    const used = await racing;
    expect(used).toBeAtMost(1);
    await sim.run('30s');
    bao.restart(leader);
    await bao.ready();
    // An answer that was lost with the leader may have been the one; two are never given.
    expect(used + (await race(contested))).toBeAtMost(1);
    expect(await race(waiting)).toBe(1);
  },
);

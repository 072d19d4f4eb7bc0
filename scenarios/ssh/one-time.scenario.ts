import { at } from '../../sim/client.ts';
import { expectGoodOnce, scenario } from '../../sim/story.ts';

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
    const use = (otp: string, node: string) => bao.ask('POST', 'ssh/verify', { node, body: { otp } });
    await expectGoodOnce(sim, bao, make, use);
  },
);

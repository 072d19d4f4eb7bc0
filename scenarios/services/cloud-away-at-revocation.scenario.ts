import { MINUTE } from '../../core/runtime.ts';
import { AwsService } from '../../sim/services/aws-service.ts';
import { expect, scenario } from '../../sim/story.ts';

/** IAM is away when leases end, answers nothing when it is back, and the leader dies: no user stays, lent or not. */
scenario(
  'users of a cloud do not outlive their leases for good, nor do those that nobody got',
  { minimum: { faults: 4, elections: 1 } },
  async (sim) => {
    const cloud = new AwsService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('aws', 'aws');
    await bao.request('POST', 'aws/config/root', cloud.configuration);
    await bao.request('POST', 'aws/config/lease', { lease: '60s', lease_max: '60s' });
    const policy_document = '{"Statement":[]}';
    await bao.request('POST', 'aws/roles/app', { credential_type: 'iam_user', policy_document });
    for (let count = 0; count < 8; count++) await bao.request('GET', 'aws/creds/app');
    expect(cloud.lent.length).toBe(8);
    // Made, and nobody hears of it.
    cloud.loseAnswers();
    expect((await bao.ask('GET', 'aws/creds/app', { timeout: 4 * MINUTE })).status === 200).toBe(false);
    expect(cloud.lent.length).toBe(9);
    cloud.up();
    cloud.down();
    await sim.run('2m');
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('60s');
    bao.restart(killed);
    expect(cloud.lent.length).toBe(9);
    cloud.up();
    cloud.refuse();
    await sim.run('60s');
    cloud.up();
    await bao.ready();
    await sim.eventually('30m', 'every user is deleted', () => cloud.lent.length === 0);
    await sim.eventually('20m', 'no lease is left', async () => {
      return (await bao.ask('LIST', 'sys/leases/lookup/aws/creds/app')).status === 404;
    });
  },
);

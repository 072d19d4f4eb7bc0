import { at } from '../../sim/client.ts';
import { RabbitMqService } from '../../sim/services/rabbitmq-service.ts';
import { expect, scenario } from '../../sim/story.ts';

/** The broker is off when the leases of its users end, and the leader dies meanwhile: none of the users is forgotten. */
scenario(
  'users of a broker do not outlive their leases by more than its absence and the next attempt',
  { minimum: { faults: 3, elections: 1 } },
  async (sim) => {
    const rabbit = new RabbitMqService(sim);
    const { users } = rabbit.api;
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('rabbitmq', 'rabbitmq');
    await bao.request('POST', 'rabbitmq/config/connection', rabbit.connection);
    await bao.request('POST', 'rabbitmq/config/lease', { ttl: '60s', max_ttl: '60s' });
    const vhosts = '{"/":{"configure":".*","write":".*","read":".*"}}';
    await bao.request('POST', 'rabbitmq/roles/app', { vhosts });
    const names: string[] = [];
    for (let count = 0; count < 20; count++) {
      names.push(at(await bao.request('GET', 'rabbitmq/creds/app'), 'data', 'username') as string);
    }
    expect(users.size).toBe(20);
    await sim.run('30s');
    // None ends before its time.
    expect(users.size).toBe(20);
    rabbit.down();
    await sim.run('60s');
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('60s');
    bao.restart(killed);
    expect(users.size).toBe(20);
    rabbit.up();
    // It does what it is asked, and nobody hears of it: asked again for what is gone, it says so, and that is well.
    rabbit.loseAnswers();
    await sim.eventually('10m', 'some are deleted unheard', () => users.size < 20);
    rabbit.up();
    await bao.ready();
    await sim.eventually('20m', 'every user is deleted', () => users.size === 0);
    expect(names.filter((name) => !rabbit.api.deleted.includes(name)).join()).toBe('');
    await sim.eventually('20m', 'no lease is left', async () => {
      return (await bao.ask('LIST', 'sys/leases/lookup/rabbitmq/creds/app')).status === 404;
    });
  },
);

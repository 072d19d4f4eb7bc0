import { OpenIdService } from '../../sim/services/openid-service.ts';
import { expect, LoginWatch, scenario } from '../../sim/story.ts';

/**
 * A provider withdraws keys, goes away, loses its answers, and the leader dies meanwhile: who has a token of a key that
 * can be known gets in, and no withdrawn key is good for longer than the keys that a node has fetched.
 */
scenario(
  'a withdrawn key of a provider lets nobody in once newer keys were fetched, and no good token is refused',
  { minimum: { faults: 4, elections: 1 } },
  async (sim) => {
    const provider = new OpenIdService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    await bao.request('POST', 'auth/jwt/config', { oidc_discovery_url: provider.address });
    await bao.request('POST', 'auth/jwt/role/r', { role_type: 'jwt', user_claim: 'sub', bound_audiences: 'bao' });
    const logins = new LoginWatch(sim, bao, provider, 'auth/jwt/login');
    await sim.run('10s');
    provider.api.rotate();
    await sim.run('10s');
    // With the keys at hand nobody is asked.
    provider.down();
    await sim.run('10s');
    const before = logins.admitted;
    expect(before).toBeAtLeast(21);
    // The next leader has none, and the one key that is good was never published to anybody.
    provider.api.rotate();
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('20s');
    bao.restart(killed);
    expect(logins.admitted).toBe(before);
    provider.up();
    await sim.run('15s');
    provider.loseAnswers();
    provider.api.rotate();
    await sim.run('10s');
    provider.up();
    await sim.run('15s');
    provider.refuse();
    await sim.run('10s');
    provider.up();
    await bao.ready();
    logins.assertKept();
    expect(logins.admitted).toBeAtLeast(before + 21);
    expect(logins.refused).toBeAtLeast(11);
  },
);

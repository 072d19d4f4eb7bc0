import { KubernetesService } from '../../sim/services/kubernetes-service.ts';
import { expect, KubernetesLogins, scenario } from '../../sim/story.ts';

/**
 * The API is off, refuses, and does not answer; the leader dies meanwhile, and accounts are made anew under their old
 * names. Whoever the API cannot vouch for stays out, and everybody else is back when it is.
 */
scenario(
  'nobody logs in through Kubernetes without its word, whatever is away or dies meanwhile',
  { minimum: { faults: 4, elections: 1 } },
  async (sim) => {
    const kubernetes = new KubernetesService(sim);
    for (const name of ['web', 'worker', 'cron']) kubernetes.api.make(`apps/${name}`);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
    await bao.request('POST', 'auth/kubernetes/config', kubernetes.loginConfig);
    const bounds = { bound_service_account_names: '*', bound_service_account_namespaces: 'apps' };
    await bao.request('POST', 'auth/kubernetes/role/app', { ...bounds, token_ttl: '10m' });
    // Of another namespace, or for somebody else, nobody gets in, though the API vouches for him.
    kubernetes.api.make('others/web');
    await bao.request('POST', 'auth/kubernetes/role/far', { ...bounds, audience: 'far' });
    await bao.request('POST', 'auth/kubernetes/role/far', { ...bounds, token_ttl: '10m' });
    const logIn = async (role: string, account: string, audiences?: readonly string[]): Promise<number> => {
      const body = { role, jwt: kubernetes.api.tokenFor(account, 3_600, audiences) };
      return (await bao.ask('POST', 'auth/kubernetes/login', { token: '', body })).status;
    };
    expect(await logIn('app', 'apps/web')).toBe(200);
    expect(await logIn('app', 'others/web')).toBe(403);
    expect(await logIn('far', 'apps/web', ['far'])).toBe(200);
    expect(await logIn('far', 'apps/web')).toBe(403);
    const logins = new KubernetesLogins(kubernetes, { clients: 4, every: '200ms', role: 'app' });
    bao.workload(logins);
    await sim.run('3s');
    for (const account of kubernetes.accounts) kubernetes.replace(account);
    await sim.run('3s');
    kubernetes.down();
    await sim.run('3s');
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('10s');
    kubernetes.up();
    bao.restart(killed);
    await bao.ready();
    await sim.run('5s');
    kubernetes.refuse();
    kubernetes.replace('apps/web');
    await sim.run('3s');
    kubernetes.up();
    await sim.run('3s');
    kubernetes.loseAnswers();
    await sim.run('8s');
    kubernetes.up();
    const before = logins.letIn;
    await sim.run('20s');
    expect(logins.letIn).toBeAtLeast(before + 20);
    expect(logins.refused).toBeAtLeast(20);
  },
);

import { KubernetesService } from '../../sim/services/kubernetes-service.ts';
import { expect, scenario } from '../../sim/story.ts';

/** The answer to the first of several calls is lost, so that nobody has a lease on what was made: it is undone later. */
scenario(
  'what is made in Kubernetes and never lent is undone, also after a failover',
  { minimum: { faults: 2, elections: 1 } },
  async (sim) => {
    const kubernetes = new KubernetesService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('kubernetes', 'kubernetes');
    await bao.request('POST', 'kubernetes/config', kubernetes.config);
    const rules = 'rules:\n- apiGroups: [""]\n  resources: [pods]\n  verbs: [get, list]\n';
    const role = { allowed_kubernetes_namespaces: 'apps', generated_role_rules: rules, token_default_ttl: '1h' };
    await bao.request('POST', 'kubernetes/roles/app', role);
    await bao.request('POST', 'kubernetes/creds/app', {});
    const lent = kubernetes.made.join();
    expect(kubernetes.made.length).toBe(3);
    kubernetes.loseAnswers();
    const refused = await bao.ask('POST', 'kubernetes/creds/app', { body: {} });
    expect(refused.status).toBe(500);
    expect(kubernetes.made.length).toBeAtLeast(4);
    kubernetes.up();
    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('10s');
    bao.restart(killed);
    await bao.ready();
    await sim.eventually('15m', 'the unfinished role is gone', () => kubernetes.made.length === 3);
    expect(kubernetes.made.join()).toBe(lent);
    // What was lent goes with its lease, and not before.
    await sim.run('30m');
    expect(kubernetes.made.join()).toBe(lent);
    await sim.eventually('30m', 'what was lent is gone', () => kubernetes.made.length === 0);
  },
);

/** Once a minute every backend may tidy up. */
import { MINUTE, type Runtime, type Timer } from '../runtime.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { variableOf } from './configuration/variable.ts';
import type { Namespaces } from './namespaces/namespaces.ts';

const WORKERS = 'ROLLBACK_WORKERS';
const USUAL_WORKERS = 256;

/** As upstream says it; here one backend is asked after the other. */
export function tellRollbackWorkers(runtime: Runtime): void {
  const { log } = runtime;
  const value = variableOf(runtime, WORKERS);
  const count = /^[+-]?[0-9]+$/.test(value) ? Number(value) : 0;
  if (value !== '' && count < 1) {
    log.write('warn', 'rollback', `BAO_${WORKERS} must be a positive integer, but was ${value}`);
  }
  log.write('info', 'rollback', `Starting the rollback manager with ${count < 1 ? USUAL_WORKERS : count} workers`);
  log.write('info', 'rollback', 'starting rollback manager');
}

export function startRollback(namespaces: Namespaces, runtime: Runtime): Timer {
  const { clock, log, metrics } = runtime;
  let timer: Timer;
  const run = async () => {
    timer = clock.after(MINUTE, () => void run());
    const due = [...namespaces.realms()].flatMap(({ mounts, namespace }) =>
      [...mounts.router.all()].map(({ point, backend }) => ({ namespace, point, backend })),
    );
    for (const [index, { namespace, point, backend }] of due.entries()) {
      const path = namespace.path + point;
      tellRollback(metrics, path, due.length - index);
      // It may be gone by the time that it is its turn.
      if (namespaces.realm(namespace.id)?.mounts.router.at(point)?.backend !== backend) continue;
      const start = metrics?.now() ?? 0;
      try {
        await backend.periodic?.();
        const name = path.replaceAll('/', '-');
        metrics?.since(`vault.rollback.attempt.${name}`, start);
        metrics?.since(`vault.route.rollback.${name}`, start);
      } catch (error) {
        log.write('error', 'rollback', 'error rolling back', { path, error });
      }
    }
    const last = due.at(-1);
    tellRollback(metrics, last === undefined ? '' : last.namespace.path + last.point, 0);
  };
  timer = clock.after(MINUTE, () => void run());
  return { cancel: () => timer.cancel() };
}

/** One after the other: one is under way, the others wait. */
function tellRollback(metrics: Metrics | undefined, place: string, left: number): void {
  if (metrics === undefined) return;
  const { cluster } = metrics;
  // Nobody waits for a worker.
  if (left > 0) metrics.sample('vault.rollback.waiting', 0);
  metrics.gauge('vault.rollback.inflight', Math.min(left, 1));
  metrics.gauge('vault.rollback.queued', Math.max(0, left - 1));
  metrics.gauge('vault.rollback.job_manager.total_jobs', left, { cluster });
  metrics.gauge('vault.rollback.job_manager.queue_length', 0, { cluster, queue_id: place });
}

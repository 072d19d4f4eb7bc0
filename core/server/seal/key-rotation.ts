/** `sys/rotate` on the active node: a new encryption key, and the path on which standbys follow. */
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { createUpgrade, destroyUpgrade, rotate, upgradeGracePeriod } from '../../storage/barrier/rotation.ts';
import { failure } from '../../fault.ts';
import type { Scope } from '../../scope.ts';

/** `ha`: other nodes may have to follow. The upgrade entry goes after the grace period, unless `scope` ends before. */
export async function rotateBarrierKey(barrier: Barrier, options: { ha: boolean; scope: Scope }): Promise<number> {
  const { log } = barrier.runtime;
  let term: number;
  try {
    term = await rotate(barrier);
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    throw failure(`failed to create new encryption key: ${error.message}`);
  }
  log.write('info', 'seals', 'installed new encryption key');
  if (!options.ha) return term;
  try {
    await createUpgrade(barrier, term);
  } catch (error) {
    log.write('error', 'core', 'failed to create new upgrade', { term, error });
  }
  scheduleUpgradeCleanup(barrier, [term], options.scope);
  return term;
}

/** The upgrades that an earlier leader left are removed after the same grace. `terms` are those they lead to. */
export async function scheduleLeftoverUpgrades(barrier: Barrier, scope: Scope): Promise<void> {
  const left = await barrier.list(`${barrier.prefix}core/upgrade/`);
  const terms = left.map(Number).filter((term) => Number.isInteger(term));
  if (terms.length > 0)
    scheduleUpgradeCleanup(
      barrier,
      terms.map((term) => term + 1),
      scope,
    );
}

function scheduleUpgradeCleanup(barrier: Barrier, terms: readonly number[], scope: Scope): void {
  const { clock, log } = barrier.runtime;
  const clean = async (): Promise<void> => {
    log.write('debug', 'core', 'cleaning up upgrade keys', { waited: '2m0s' });
    for (const term of terms) {
      try {
        await destroyUpgrade(barrier, term);
      } catch (error) {
        log.write('error', 'core', 'failed to destroy upgrade', { term, error });
      }
    }
  };
  const timer = clock.after(upgradeGracePeriod, () => {
    stopWatching();
    void clean();
  });
  const stopWatching = scope.onCancel(() => timer.cancel());
}

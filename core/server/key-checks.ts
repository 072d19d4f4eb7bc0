/** Every five minutes the active node looks whether the encryption key has been used enough, and rotates it. */
import type { Scope } from '../scope.ts';
import { autoRotateCheckInterval, autoRotateReason } from '../storage/barrier/rotation.ts';
import type { SealManager } from './seal/manager.ts';

export function startKeyChecks(seals: SealManager, office: Scope, ha: boolean): void {
  const { clock, log } = seals.barrier.runtime;
  const check = async (): Promise<void> => {
    try {
      const reason = await autoRotateReason(seals.barrier);
      if (reason !== undefined && !office.cancelled) {
        log.write('info', 'core', 'automatic barrier key rotation triggered', { reason });
        await seals.rotateKey({ ha, scope: office });
      }
    } catch (error) {
      log.write('error', 'core', 'error checking barrier auto rotation', { error });
    }
    schedule();
  };
  const schedule = (): void => {
    if (office.cancelled) return;
    const timer = clock.after(autoRotateCheckInterval, () => {
      stop();
      void check();
    });
    const stop = office.onCancel(() => timer.cancel());
  };
  schedule();
}

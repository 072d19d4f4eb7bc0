/** Rotates the keys of raft's connections while this node is active: each 24 h, in steps that no follower misses. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Runtime } from '../../runtime.ts';
import type { Scope } from '../../scope.ts';
import type { FollowerStates } from '../../storage/raft/followers.ts';
import {
  RAFT_TLS_PATH,
  TLS_COMMIT_CHECK,
  TLS_ROTATION_PERIOD,
  TLS_ROTATION_RETRY,
  type TlsKeyring,
  beginRotation,
  finishRotation,
  parseTlsKeyring,
  printTlsKeyring,
  recordRotation,
} from '../../storage/raft/tls.ts';
import type { Storage } from '../../storage/storage.ts';
import { every } from '../../ticker.ts';

export interface TlsRotation {
  readonly runtime: Runtime;
  readonly barrier: Storage;
  readonly followers: FollowerStates;
  appliedIndex(): number;
}

export function startTlsRotation(rotation: TlsRotation, scope: Scope): void {
  const { runtime, barrier, followers } = rotation;
  const { clock, log } = runtime;
  const read = async (): Promise<TlsKeyring | undefined> => {
    const stored = await barrier.get(RAFT_TLS_PATH);
    return stored === undefined ? undefined : parseTlsKeyring(stored);
  };
  const write = (keyring: TlsKeyring): Promise<void> =>
    barrier.put(RAFT_TLS_PATH, encodeUtf8(printTlsKeyring(keyring)));

  const rotate = async (): Promise<void> => {
    const keyring = await read();
    if (keyring === undefined) return;
    const begun = beginRotation(runtime, keyring);
    if (begun === 'pending') {
      log.write('warn', 'core.raft', 'skipping new raft TLS config creation, keys are pending');
      later(TLS_ROTATION_RETRY);
      return;
    }
    log.write('info', 'core.raft', 'creating new raft TLS config');
    await write(begun);
    await write(recordRotation(begun, rotation.appliedIndex()));
    log.write('info', 'core.raft', 'wrote new raft TLS config');
    later(TLS_ROTATION_PERIOD);
  };
  const later = (delay: number): void => {
    if (scope.cancelled) return;
    const timer = clock.after(delay, () => {
      unwatch();
      rotate().catch((error: unknown) => {
        log.write('error', 'core.raft', 'failed to rotate TLS key', { error });
        later(10_000_000);
      });
    });
    const unwatch = scope.onCancel(() => timer.cancel());
  };

  later(TLS_ROTATION_PERIOD);
  every(
    clock,
    TLS_COMMIT_CHECK,
    scope,
    async () => {
      const keyring = await read();
      const finished = keyring && finishRotation(keyring, followers.lowestIndex());
      if (finished === undefined) return;
      await write(finished);
      log.write('info', 'core.raft', 'installed new raft TLS key', { term: finished.term });
    },
    (error) => log.write('error', 'core.raft', 'failed to activate TLS key', { error }),
  );
}

/** Whether the key service still answers, asked now and then while nothing depends on it (facts §1.7). */
import { equalBytes } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { type Micros, MILLISECOND, MINUTE, type Runtime } from '../../runtime.ts';
import type { Scope } from '../../scope.ts';
import type { SealWrapper } from './wrapper.ts';

const HEALTHY: Micros = 10 * MINUTE;
const UNHEALTHY: Micros = MINUTE;
const testValue = encodeUtf8('Heartbeat');

/** Until `scope` ends. The gauge `seal.unreachable.time` says for how many milliseconds nothing has succeeded. */
export function watchHealth(runtime: Runtime, wrapper: SealWrapper, scope: Scope): void {
  const { clock, log, metrics } = runtime;
  let lastSuccess = clock.monotonic();
  let healthy = true;
  const failed = (message: string, error?: unknown): void => {
    log.write('warn', 'core.autoseal', message, error === undefined ? {} : { error });
    healthy = false;
    metrics?.gauge('vault.seal.unreachable.time', (clock.monotonic() - lastSuccess) / MILLISECOND);
  };
  const test = async (): Promise<void> => {
    const complaint = await complaintOf(wrapper);
    if (scope.cancelled) return;
    if (complaint !== undefined) failed(complaint.message, complaint.error);
    else {
      if (!healthy) log.write('info', 'core.autoseal', 'seal backend is now healthy again');
      healthy = true;
      lastSuccess = clock.monotonic();
      metrics?.gauge('vault.seal.unreachable.time', 0);
    }
    schedule();
  };
  const schedule = (): void => {
    const timer = clock.after(healthy ? HEALTHY : UNHEALTHY, () => {
      unwatch();
      void test();
    });
    const unwatch = scope.onCancel(() => timer.cancel());
  };
  schedule();
}

interface Complaint {
  readonly message: string;
  readonly error?: unknown;
}

async function complaintOf(wrapper: SealWrapper): Promise<Complaint | undefined> {
  let step = 'encrypt';
  try {
    const blob = await wrapper.encrypt(testValue);
    step = 'decrypt';
    const plaintext = await wrapper.decrypt(blob);
    if (equalBytes(plaintext, testValue)) return undefined;
    return { message: 'seal health test value failed to decrypt to expected value' };
  } catch (error) {
    return { message: `failed to ${step} seal health test value, seal backend may be unreachable`, error };
  }
}

/** A runtime for tests of the barrier and the seal: a clock that is set by hand, a seeded generator, no world. */
import { drbg } from '../../crypto/drbg.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import type { Runtime } from '../../runtime.ts';
import type { TraceEvent } from '../../trace.ts';

export interface TestRuntime extends Runtime {
  readonly traced: TraceEvent[];
  /** Wall micros; set it to travel. */
  now: number;
}

const absent = (what: string): never => {
  throw new Error(`the test runtime has no ${what}`);
};

export function testRuntime(seed = 1): TestRuntime {
  const bytes = drbg(Uint8Array.of(seed));
  const traced: TraceEvent[] = [];
  const runtime: TestRuntime = {
    name: 'test',
    now: 1_795_000_000_123_456,
    traced,
    clock: {
      wall: () => runtime.now,
      monotonic: () => runtime.now,
      after: () => ({ cancel() {} }),
      sleep: () => Promise.resolve(),
    },
    random: {
      bytes,
      below(bound) {
        const [a, b, c] = bytes(3);
        return ((a! << 16) | (b! << 8) | c!) % bound;
      },
    },
    network: { listen: () => absent('network'), dial: () => absent('network') },
    web: { request: () => absent('web') },
    get disk() {
      return absent('disk');
    },
    cpu: { spend() {} },
    crypto: portableCrypto(),
    log: { write() {} },
    trace: (event) => {
      traced.push(event);
    },
  };
  return runtime;
}

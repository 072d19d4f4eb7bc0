/** A runtime for tests of one node's storage: a disk, the portable cryptography, no network, a clock that stands. */
import { portableCrypto } from '../crypto/portable.ts';
import type { Disk, Runtime } from '../runtime.ts';
import type { TraceEvent } from '../trace.ts';

export function testRuntime(disk: Disk, traced: TraceEvent[] = []): Runtime {
  let next = 1;
  return {
    name: 'test',
    clock: {
      wall: () => 1_000_000_000_000_000,
      monotonic: () => 0,
      after: () => ({ cancel() {} }),
      sleep: async () => {},
    },
    random: {
      bytes: (length) => Uint8Array.from({ length }, () => next++ & 0xff),
      below: (bound) => next++ % bound,
    },
    network: {
      listen: () => {
        throw new Error('no network');
      },
      dial: () => Promise.reject(new Error('no network')),
    },
    web: { request: () => Promise.reject(new Error('no web')) },
    disk,
    cpu: { spend() {} },
    crypto: portableCrypto(),
    log: { write() {} },
    trace: (event) => traced.push(event),
  };
}

/** What this process can tell of itself, by V8's own means: sampled heaps, processor profiles, live resources. */
import type { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { Profiler } from '../core/system/pprof.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

export const hostProfiler: Profiler = {
  commandLine: process.argv,
  profile: (kind, seconds, text) => {
    switch (kind) {
      case 'heap':
      case 'allocs':
        return text
          ? Promise.resolve(encode({ ...process.memoryUsage(), ...getHeapStatistics() }))
          : sampledHeap(seconds);
      case 'profile':
      case 'trace':
        return processorProfile(seconds);
      case 'goroutine':
        return Promise.resolve(encode({ resources: process.getActiveResourcesInfo() }));
      default:
        // One thread runs the server: it waits for no lock and makes no other thread.
        return Promise.resolve(encode({ resources: process.resourceUsage() }));
    }
  },
};

async function watched(work: (session: Session) => Promise<unknown>): Promise<Uint8Array> {
  // Loaded when somebody asks: a start is not to wait for it.
  const inspector = await import('node:inspector/promises');
  const session = new inspector.Session();
  session.connect();
  try {
    return encode(await work(session));
  } finally {
    session.disconnect();
  }
}

/** In the form of .cpuprofile files. */
const processorProfile = (seconds: number): Promise<Uint8Array> =>
  watched(async (session) => {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await sleep(seconds * 1_000);
    const { profile } = await session.post('Profiler.stop');
    return profile;
  });

/** In the form of .heapprofile files. */
const sampledHeap = (seconds: number): Promise<Uint8Array> =>
  watched(async (session) => {
    await session.post('HeapProfiler.enable');
    await session.post('HeapProfiler.startSampling');
    await sleep(seconds * 1_000);
    const { profile } = await session.post('HeapProfiler.stopSampling');
    return profile;
  });

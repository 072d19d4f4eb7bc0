/** A node's runtime on the real machine. */
import type { Log, Runtime } from '../core/runtime.ts';
import { countTrace } from '../core/telemetry/from-trace.ts';
import { Metrics } from '../core/telemetry/metrics.ts';
import { bcryptInWorker } from './bcrypt-pool.ts';
import { HostClock, type EndingClock } from './clock.ts';
import { nodeCrypto, type RsaSource } from './crypto.ts';
import { hostDatagrams } from './datagrams.ts';
import { hostDatabases } from './databases/databases.ts';
import { HostDisk } from './disk.ts';
import { hostNames } from './names.ts';
import { HostNodeTls } from './node-tls.ts';
import { HostNetwork } from './network.ts';
import { HostRandom } from './random.ts';
import { hostStreams } from './streams.ts';
import { hostWeb } from './web.ts';
import { rsaByNode } from './rsa.ts';

export interface HostRuntimeOptions {
  readonly name: string;
  /** The folder that the node's disk is; '/' for audit files with absolute paths only. */
  readonly folder: string;
  readonly log: Log;
  /** The real one when left out. */
  readonly clock?: EndingClock;
  /** The system's generator when left out. */
  readonly rsa?: RsaSource;
  /** A listener that could not be opened. */
  readonly failed: (error: Error) => void;
}

export interface HostRuntime extends Runtime {
  readonly metrics: Metrics;
  /** When the node has stopped. */
  close(): Promise<void>;
}

export function hostRuntime({
  name,
  folder,
  log,
  failed,
  clock = new HostClock(),
  rsa = rsaByNode,
}: HostRuntimeOptions): HostRuntime {
  const disk = new HostDisk(folder);
  const metrics = new Metrics(clock);
  return {
    name,
    clock,
    random: new HostRandom(),
    network: new HostNetwork(failed, new HostNodeTls(failed)),
    web: hostWeb,
    streams: hostStreams,
    datagrams: hostDatagrams,
    names: hostNames,
    databases: hostDatabases,
    disk,
    cpu: { spend: () => undefined },
    crypto: nodeCrypto(bcryptInWorker(), rsa),
    log,
    environment: (variable) => process.env[variable],
    metrics,
    trace: (event) => countTrace(metrics, event),
    unwatched: true,
    close: async () => {
      await disk.closeAll();
      clock.end();
    },
  };
}

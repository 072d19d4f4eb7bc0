/** `storage "inmem_ha"`: high availability within one process, which is alone and therefore soon active. */
import { hostname } from 'node:os';
import type { Physical } from '../core/server/config.ts';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { InmemLocks } from '../core/server/ha/inmem-locks.ts';
import { ClusterListener } from '../core/server/ha/cluster-listener.ts';
import { HighAvailability } from '../core/server/ha/ha.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import type { Runtime } from '../core/runtime.ts';
import { clusterListeners } from './cluster-address.ts';

export function openInmemHa(configuration: Configuration, runtime: Runtime): Physical {
  const locks = new InmemLocks();
  const listener = new ClusterListener(runtime, configuration.disableClustering ? [] : clusterListeners(configuration));
  return {
    type: 'inmem_ha',
    storage: new InmemStorage(),
    unsealed: () => Promise.resolve(listener.start()),
    sealing: () => Promise.resolve(listener.stop()),
    ha: (node) =>
      new HighAvailability(node, {
        listener,
        lockWith: (key, value) => locks.lockWith(key, value),
        hostname: hostname(),
        // Nobody tells a standby what the active node changes.
        standbyReads: false,
        echo: () => ({ nodeId: '', appliedIndex: 0, term: 0, desiredSuffrage: '' }),
        heard: () => undefined,
        activeDuty: () => Promise.resolve(),
        indexes: () => undefined,
      }),
  };
}

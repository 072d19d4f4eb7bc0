/** What disks did to nodes. */
import type { DiskStatistics } from '../../disk/disk.ts';
import type { Simulation } from '../../simulation.ts';
import { ended, type State } from '../state.ts';

const anyDisk =
  (is: (statistics: DiskStatistics) => boolean) =>
  ({ clusters }: Simulation): boolean =>
    clusters.some(({ disks }) => [...disks.values()].some(({ statistics }) => is(statistics)));

export const diskStates: readonly State[] = [
  ended(
    'a power loss took unsynced bytes',
    anyDisk(({ bytesLost }) => bytesLost > 0),
  ),
  ended(
    'a power loss tore a write',
    anyDisk(({ tornWrites }) => tornWrites > 0),
  ),
  ended(
    'a power loss took a name from its folder',
    anyDisk(({ namesLost }) => namesLost > 0),
  ),
  ended(
    'a write or a sync failed',
    anyDisk(({ failures }) => failures > 0),
  ),
  ended(
    'a read had to wait for cold pages',
    anyDisk(({ pagesRead }) => pagesRead > 0),
  ),
];

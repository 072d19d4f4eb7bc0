/**
 * `ha_storage "raft"`: raft says who is active, and the data are elsewhere. There is no snapshot and no index of it, and a
 * node joins when it has been unsealed, through whom the data name, as seen on 2.7.2. Where the nodes share the data,
 * standbys are told of changes and serve reads.
 */
import { failure, refuse } from '../../fault.ts';
import { TrackedStorage } from '../../storage/tracked.ts';
import type { Physical } from '../config.ts';
import type { RaftPhysical } from './raft-physical.ts';

const NO_SNAPSHOT = 'raft storage is not in use';

/** `data`: where the node's storage is; `raft` was opened with `haOnly`. */
export function raftForHaOnly(data: Physical, raft: RaftPhysical): Physical {
  const noSnapshot = (): Promise<never> => Promise.reject(refuse(NO_SNAPSHOT));
  const storage = new TrackedStorage(data.storage);
  const { index } = data;
  const check = async (): Promise<void> => {
    if (!raft.storage.raft.isLeader()) throw failure('node is not the leader');
  };
  const shared = index && { storage, index, check };
  return {
    type: data.type,
    storage,
    ...(index && { index }),
    ha: (node) => raft.haOver(node, shared),
    raft: {
      configuration: () => raft.raft.configuration(),
      removePeer: (id) => raft.raft.removePeer(id),
      promote: (id) => raft.raft.promote(id),
      demote: (id) => raft.raft.demote(id),
      bootstrapChallenge: (id) => raft.raft.bootstrapChallenge(id),
      bootstrapAnswer: (fields) => raft.raft.bootstrapAnswer(fields),
      autopilotState: () => raft.raft.autopilotState(),
      autopilotConfiguration: () => raft.raft.autopilotConfiguration(),
      setAutopilotConfiguration: (changes) => raft.raft.setAutopilotConfiguration(changes),
      snapshot: noSnapshot,
      restore: noSnapshot,
    },
    bootstrap: () => raft.bootstrap(),
    initialised: (barrier) => raft.initialised(barrier),
    unsealed: () => raft.unsealed(),
    sealing: () => raft.sealing(),
    joinThrough: async (leader, { nonVoter }) => {
      if (raft.host.barrier.sealed) throw failure('node must be unsealed before joining');
      if (leader.address !== '') {
        throw failure('leader API address and auto-join metadata must be unset when raft is used exclusively for HA');
      }
      if (await raft.storage.hasState()) return true;
      return raft.joinActive(nonVoter);
    },
  };
}

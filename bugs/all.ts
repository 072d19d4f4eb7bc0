/** Every planted bug, in the order in which `steamer bugs` tries them. */
import { acknowledgeBeforeQuorum } from './acknowledge-before-quorum.ts';
import { applyTwiceAfterSnapshot } from './apply-twice-after-snapshot.ts';
import { dropInvalidation } from './drop-invalidation.ts';
import { forgetVoteOnRestart } from './forget-vote-on-restart.ts';
import { ignoreCasUnderRetry } from './ignore-cas-under-retry.ts';
import { loseUnsyncedLog } from './lose-unsynced-log.ts';
import { preVoteIgnoresLog } from './pre-vote-ignores-log.ts';
import { reuseNonce } from './reuse-nonce.ts';
import { revokedTokenInCache } from './revoked-token-in-cache.ts';
import { snapshotKeepsDeletedKeys } from './snapshot-keeps-deleted-keys.ts';
import { voteIgnoresLog } from './vote-ignores-log.ts';
import { writeOnDeposedLeader } from './write-on-deposed-leader.ts';
import type { Bug } from './bug.ts';

export const bugs: readonly Bug[] = [
  acknowledgeBeforeQuorum,
  forgetVoteOnRestart,
  preVoteIgnoresLog,
  voteIgnoresLog,
  dropInvalidation,
  reuseNonce,
  applyTwiceAfterSnapshot,
  writeOnDeposedLeader,
  loseUnsyncedLog,
  ignoreCasUnderRetry,
  revokedTokenInCache,
  snapshotKeepsDeletedKeys,
];

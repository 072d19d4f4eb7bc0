/** Every planted bug, in the order in which `steamer bugs` tries them. */
import { acknowledgeBeforeQuorum } from './acknowledge-before-quorum.ts';
import { applyTwiceAfterSnapshot } from './apply-twice-after-snapshot.ts';
import { convergentNonceWithoutContext } from './convergent-nonce-without-context.ts';
import { dropInvalidation } from './drop-invalidation.ts';
import { forgetVoteOnRestart } from './forget-vote-on-restart.ts';
import { givenUpOnlyInMemory } from './given-up-only-in-memory.ts';
import { ignoreCasUnderRetry } from './ignore-cas-under-retry.ts';
import { loseUnsyncedLog } from './lose-unsynced-log.ts';
import { minDecryptionVersionIgnored } from './min-decryption-version-ignored.ts';
import { migrationKeepsOldKey } from './migration-keeps-old-key.ts';
import { oldRecoveryKeyAccepted } from './old-recovery-key-accepted.ts';
import { policiesKnowNoNamespace } from './policies-know-no-namespace.ts';
import { preVoteIgnoresLog } from './pre-vote-ignores-log.ts';
import { reuseNonce } from './reuse-nonce.ts';
import { revokedTokenInCache } from './revoked-token-in-cache.ts';
import { sealedNamespaceKeepsItsKey } from './sealed-namespace-keeps-its-key.ts';
import { snapshotKeepsDeletedKeys } from './snapshot-keeps-deleted-keys.ts';
import { voteIgnoresLog } from './vote-ignores-log.ts';
import { writeOnDeposedLeader } from './write-on-deposed-leader.ts';
import { leaseEndsEarly } from './lease-ends-early.ts';
import { leaseForgottenAtRestore } from './lease-forgotten-at-restore.ts';
import { useCountWithoutLock } from './use-count-without-lock.ts';
import { refusedRequestsCostNothing } from './refused-requests-cost-nothing.ts';
import { childrenSurvive } from './children-survive.ts';
import { wrappingTokenKept } from './wrapping-token-kept.ts';
import { answerBeforeAudit } from './answer-before-audit.ts';
import { lockoutForgets } from './lockout-forgets.ts';
import { lockoutTooShort } from './lockout-too-short.ts';
import { rateLimitLeaks } from './rate-limit-leaks.ts';
import { leaseNeverEnds } from './lease-never-ends.ts';
import { blockEndsEarly } from './block-ends-early.ts';
import { revocationLostWithDatabase } from './revocation-lost-with-database.ts';
import { rootPasswordKnownTooLate } from './root-password-known-too-late.ts';
import { staticRotationNotFinished } from './static-rotation-not-finished.ts';
import { cloudUserForgotten } from './cloud-user-forgotten.ts';
import { ldapRootPasswordKeptTooLate } from './ldap-root-password-kept-too-late.ts';
import { kerberosLastShownOnly } from './kerberos-last-shown-only.ts';
import { ldapCheckInKeepsThePassword } from './ldap-check-in-keeps-the-password.ts';
import { kubernetesLoginFailsOpen } from './kubernetes-login-fails-open.ts';
import { withdrawnKeyKept } from './withdrawn-key-kept.ts';
import { revokedBeforeItIsListed } from './revoked-before-it-is-listed.ts';
import { oneTimePasswordUsedTwice } from './one-time-password-used-twice.ts';
import { brokerUserSurvives } from './broker-user-survives.ts';
import { oldKeyAfterRotation } from './old-key-after-rotation.ts';
import { readSetNotVerified } from './read-set-not-verified.ts';
import { overtakenReadInCache } from './overtaken-read-in-cache.ts';
import { leaseNotStored } from './lease-not-stored.ts';
import { cubbyholeLeftBehind } from './cubbyhole-left-behind.ts';
import { accessorLeftBehind } from './accessor-left-behind.ts';
import { acmeProofNotLookedFor } from './acme-proof-not-looked-for.ts';
import { acmeCheckLostWithLeader } from './acme-check-lost-with-leader.ts';
import { acmeOrdersKnowNoAccount } from './acme-orders-know-no-account.ts';
import { listSetNotVerified } from './list-set-not-verified.ts';
import { trackerBelievesItselfComplete } from './tracker-believes-itself-complete.ts';
import { leaseLeftInIndex } from './lease-left-in-index.ts';
import { childLeftInIndex } from './child-left-in-index.ts';
import { identityOutlivesChange } from './identity-outlives-change.ts';
import { enginesNotTold } from './engines-not-told.ts';
import { namespacePoliciesNotTold } from './namespace-policies-not-told.ts';
import { destroyedDataKept } from './destroyed-data-kept.ts';
import { denyOfAnotherPolicyLost } from './deny-of-another-policy-lost.ts';
import { memberStaysInIndex } from './member-stays-in-index.ts';
import { sudoNotAsked } from './sudo-not-asked.ts';
import { mergeLosesAlias } from './merge-loses-alias.ts';
import { groupGivesEverywhere } from './group-gives-everywhere.ts';
import { batchTokenOutlivesParent } from './batch-token-outlives-parent.ts';
import { maximumCountedFromNow } from './maximum-counted-from-now.ts';
import { secretIdUsedUpIsUnlimited } from './secret-id-used-up-is-unlimited.ts';
import { forwardedAddressLost } from './forwarded-address-lost.ts';
import { oldVersionForEncryption } from './old-version-for-encryption.ts';
import { archiveOutlivesKey } from './archive-outlives-key.ts';
import { archiveOffByOne } from './archive-off-by-one.ts';
import { certificateOutlivesAuthority } from './certificate-outlives-authority.ts';
import { rateLimitForAllAddresses } from './rate-limit-for-all-addresses.ts';
import { olderTermsCounted } from './older-terms-counted.ts';
import { changesOverlap } from './changes-overlap.ts';
import { sealedNodeKeepsNamespaces } from './sealed-node-keeps-namespaces.ts';
import { standbyKeepsRootKey } from './standby-keeps-root-key.ts';
import { forwardedAgain } from './forwarded-again.ts';
import { periodWithoutSudo } from './period-without-sudo.ts';
import { policiesBeyondParent } from './policies-beyond-parent.ts';
import { expiringRootMakesEndless } from './expiring-root-makes-endless.ts';
import { patchIgnoresCas } from './patch-ignores-cas.ts';
import { userNotRenewed } from './user-not-renewed.ts';
import { lockOfAboveLetsIn } from './lock-of-above-lets-in.ts';
import { externalGroupNotLeft } from './external-group-not-left.ts';
import { devicesOfStandbys } from './devices-of-standbys.ts';
import { shortTextsInClear } from './short-texts-in-clear.ts';
import { preVoteDisloyal } from './pre-vote-disloyal.ts';
import { piecesOfOlderTerms } from './pieces-of-older-terms.ts';
import { givenUpForGood } from './given-up-for-good.ts';
import { changeLostWhileReadsAreSetUp } from './change-lost-while-reads-are-set-up.ts';
import { inForceBeforeVerified } from './in-force-before-verified.ts';
import { nextRootKeyBehindOldShares } from './next-root-key-behind-old-shares.ts';
import { endedRuleInCache } from './ended-rule-in-cache.ts';
import { policyReplacedByAll } from './policy-replaced-by-all.ts';
import { signingKeyWithdrawnAtOnce } from './signing-key-withdrawn-at-once.ts';
import { truncatedMembersKept } from './truncated-members-kept.ts';
import { halfOfEvenIsEnough } from './half-of-even-is-enough.ts';
import type { Bug } from './bug.ts';
import { membersOfSnapshotForgotten } from './members-of-snapshot-forgotten.ts';
import { logOfAnotherTermKept } from './log-of-another-term-kept.ts';
import { memoryOutlivesSnapshot } from './memory-outlives-snapshot.ts';
import { nonVotersKeepTheLease } from './non-voters-keep-the-lease.ts';
import { committedCountsAsApplied } from './committed-counts-as-applied.ts';
import { doneBeforeLogged } from './done-before-logged.ts';
import { voteToldBeforeItIsKept } from './vote-told-before-it-is-kept.ts';
import { newSegmentForgetsVote } from './new-segment-forgets-vote.ts';
import { newStateNotSynced } from './new-state-not-synced.ts';
import { removedLeaderGoesOn } from './removed-leader-goes-on.ts';
import { transferNeverOver } from './transfer-never-over.ts';
import { trackerOutlivesSnapshot } from './tracker-outlives-snapshot.ts';
import { forgottenBeforeCommit } from './forgotten-before-commit.ts';
import { keyringOutlivesRestore } from './keyring-outlives-restore.ts';
import { namespaceLeavesData } from './namespace-leaves-data.ts';
import { tokenWithoutLease } from './token-without-lease.ts';
import { brokenConnectionUntold } from './broken-connection-untold.ts';
import { twoEntitiesForOne } from './two-entities-for-one.ts';
import { confirmedTwice } from './confirmed-twice.ts';
import { ageByAnotherClock } from './age-by-another-clock.ts';
import { toldChangeDropped } from './told-change-dropped.ts';
import { toldBeforeItIsThere } from './told-before-it-is-there.ts';
import { readsOutliveTheStream } from './reads-outlive-the-stream.ts';
import { indexAheadOfItsKeys } from './index-ahead-of-its-keys.ts';
import { deposedNodeVouches } from './deposed-node-vouches.ts';
import { unbegunSegmentLeavesItsEnd } from './unbegun-segment-leaves-its-end.ts';
import { readingInStops } from './reading-in-stops.ts';
import { stateGoodTwice } from './state-good-twice.ts';
import { ownCertificateNeverRevoked } from './own-certificate-never-revoked.ts';
import { anyPasscodeInAHeader } from './any-passcode-in-a-header.ts';
import { changeForgetsAudience } from './change-forgets-audience.ts';
import { deletedUserRenewed } from './deleted-user-renewed.ts';
import { renewedWithoutAsking } from './renewed-without-asking.ts';
import { roleTypeSetBack } from './role-type-set-back.ts';
import { sshCertificatesBeginByDefault } from './ssh-certificates-begin-by-default.ts';
import { wholeNumbersInBaseTen } from './whole-numbers-in-base-ten.ts';

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
  leaseEndsEarly,
  leaseForgottenAtRestore,
  givenUpOnlyInMemory,
  useCountWithoutLock,
  refusedRequestsCostNothing,
  childrenSurvive,
  wrappingTokenKept,
  answerBeforeAudit,
  lockoutForgets,
  lockoutTooShort,
  rateLimitLeaks,
  blockEndsEarly,
  minDecryptionVersionIgnored,
  convergentNonceWithoutContext,
  migrationKeepsOldKey,
  oldRecoveryKeyAccepted,
  policiesKnowNoNamespace,
  sealedNamespaceKeepsItsKey,
  leaseNeverEnds,
  revocationLostWithDatabase,
  rootPasswordKnownTooLate,
  staticRotationNotFinished,
  cloudUserForgotten,
  ldapRootPasswordKeptTooLate,
  ldapCheckInKeepsThePassword,
  kubernetesLoginFailsOpen,
  withdrawnKeyKept,
  revokedBeforeItIsListed,
  oneTimePasswordUsedTwice,
  brokerUserSurvives,
  oldKeyAfterRotation,
  readSetNotVerified,
  overtakenReadInCache,
  leaseNotStored,
  cubbyholeLeftBehind,
  accessorLeftBehind,
  acmeProofNotLookedFor,
  acmeCheckLostWithLeader,
  acmeOrdersKnowNoAccount,
  listSetNotVerified,
  trackerBelievesItselfComplete,
  leaseLeftInIndex,
  childLeftInIndex,
  identityOutlivesChange,
  enginesNotTold,
  namespacePoliciesNotTold,
  destroyedDataKept,
  denyOfAnotherPolicyLost,
  memberStaysInIndex,
  sudoNotAsked,
  mergeLosesAlias,
  groupGivesEverywhere,
  batchTokenOutlivesParent,
  maximumCountedFromNow,
  secretIdUsedUpIsUnlimited,
  forwardedAddressLost,
  oldVersionForEncryption,
  archiveOutlivesKey,
  archiveOffByOne,
  certificateOutlivesAuthority,
  rateLimitForAllAddresses,
  olderTermsCounted,
  changesOverlap,
  sealedNodeKeepsNamespaces,
  standbyKeepsRootKey,
  forwardedAgain,
  periodWithoutSudo,
  policiesBeyondParent,
  expiringRootMakesEndless,
  patchIgnoresCas,
  userNotRenewed,
  lockOfAboveLetsIn,
  externalGroupNotLeft,
  devicesOfStandbys,
  shortTextsInClear,
  preVoteDisloyal,
  piecesOfOlderTerms,
  givenUpForGood,
  changeLostWhileReadsAreSetUp,
  inForceBeforeVerified,
  nextRootKeyBehindOldShares,
  endedRuleInCache,
  policyReplacedByAll,
  signingKeyWithdrawnAtOnce,
  truncatedMembersKept,
  halfOfEvenIsEnough,
  membersOfSnapshotForgotten,
  logOfAnotherTermKept,
  memoryOutlivesSnapshot,
  nonVotersKeepTheLease,
  committedCountsAsApplied,
  doneBeforeLogged,
  voteToldBeforeItIsKept,
  newSegmentForgetsVote,
  newStateNotSynced,
  removedLeaderGoesOn,
  transferNeverOver,
  trackerOutlivesSnapshot,
  forgottenBeforeCommit,
  keyringOutlivesRestore,
  namespaceLeavesData,
  tokenWithoutLease,
  brokenConnectionUntold,
  twoEntitiesForOne,
  confirmedTwice,
  ageByAnotherClock,
  toldChangeDropped,
  toldBeforeItIsThere,
  readsOutliveTheStream,
  indexAheadOfItsKeys,
  deposedNodeVouches,
  unbegunSegmentLeavesItsEnd,
  readingInStops,
  stateGoodTwice,
  anyPasscodeInAHeader,
  changeForgetsAudience,
  deletedUserRenewed,
  renewedWithoutAsking,
  roleTypeSetBack,
  sshCertificatesBeginByDefault,
  wholeNumbersInBaseTen,
  kerberosLastShownOnly,
  ownCertificateNeverRevoked,
];

/**
 * What a rotation of keys says. `sys/rotate/…` and the older `sys/rekey…` do the same and say it differently; the newer
 * prints some errors as Go's Printf shows a verb it does not know.
 */
import { coded, type Fault, failure, refuse, refuseAsItSays } from '../../fault.ts';
import { asVerb } from './printf-verb.ts';

export interface RotationWords {
  readonly underWay: Fault;
  /** What is asked for is looked at before it is said that something is under way. */
  readonly validatesFirst: boolean;
  noVerification(): Fault;
  /** Nothing to give shares to, to verify, or to tell the state of a verification of. */
  none(wanted: 'update' | 'verification' | 'status'): Fault;
  wrongNonce(nonce: string): Fault;
  givenBefore(): Fault;
  /** Undefined where a share that is given twice to a verification is not noticed before they are combined. */
  readonly givenToVerification: Fault | undefined;
  awaitsVerification(nonce: string): Fault;
  verificationFailed(): Fault;
  /** What a root rotation behind a key service cannot have. */
  notWithStoredKeys(what: 'PGP key encryption' | 'key backup' | 'requiring verification'): Fault;
  noRecovery(): Fault;
  configUnread(error: unknown, while_: 'status' | 'update'): Fault;
  invalidConfig(error: unknown): Fault;
  /** Shares that make no key, or a key that opens nothing. */
  failed(
    doing: 'compute key' | 'setup unseal key' | 'read root key' | 'compute key for verification',
    error: unknown,
  ): Fault;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const rotateWords = (recovery: boolean): RotationWords => ({
  get underWay() {
    return refuse('rotation already in progress');
  },
  validatesFirst: false,
  noVerification: () => refuse('no rotation verification in progress'),
  none: (wanted) =>
    refuse(
      {
        update: 'no rotation in progress',
        verification: 'no rotation in progress',
        status: 'no rotation configuration found',
      }[wanted],
    ),
  wrongNonce: (nonce) => refuse(`incorrect nonce supplied; nonce for rotation is "${nonce}"`),
  givenBefore: () => refuse('given key has already been provided during this rotation'),
  // Upstream looks for duplicates in the wrong list here.
  givenToVerification: undefined,
  awaitsVerification: (nonce) => refuse(`rotation already finished; ${awaiting(nonce)}`),
  verificationFailed: () => refuse('rotation verification failed; incorrect key shares supplied'),
  notWithStoredKeys: (what) =>
    refuse(
      what === 'requiring verification'
        ? 'requiring verification not supported when rotating the barrier key with recovery keys'
        : `${what} not supported when using stored keys`,
    ),
  noRecovery: () => refuse('recovery keys not supported'),
  configUnread: (error, while_) =>
    refuseAsItSays(
      `${while_ === 'status' ? 'unable to look up' : 'failed to fetch existing'} config: ${asVerb(error)}`,
    ),
  invalidConfig: (error) => refuse(`invalid ${recovery ? 'recovery' : 'rotate seal'} configuration: ${asVerb(error)}`),
  failed: (doing, error) => refuse(`failed to ${doing}: ${asVerb(error)}`),
});

/** Refusals are 400 with their own text, failures 500. */
const refused = (message: string): Fault => coded(400, message);

export const rekeyWords = (recovery: boolean): RotationWords => ({
  get underWay() {
    return refused('rekey already in progress');
  },
  validatesFirst: true,
  noVerification: () => refused('no rekey verification in progress'),
  none: (wanted) =>
    refused(
      {
        update: `no ${recovery ? 'recovery' : 'barrier'} rekey in progress`,
        verification: 'no rekey in progress',
        status: 'no rekey configuration found',
      }[wanted],
    ),
  wrongNonce: (nonce) => refused(`incorrect nonce supplied; nonce for this rekey operation is "${nonce}"`),
  givenBefore: () =>
    refused(`given key has already been provided during this ${recovery ? 'rekey' : 'generation'} operation`),
  get givenToVerification() {
    return refused('given key has already been provided during this verify operation');
  },
  awaitsVerification: (nonce) => refused(`rekey operation already finished; ${awaiting(nonce)}`),
  verificationFailed: () => refused('rekey verification failed; incorrect key shares supplied'),
  notWithStoredKeys: (what) => refused(`${what} not supported when rekeying the barrier key with recovery keys`),
  noRecovery: () => refused('recovery rekeying not supported'),
  configUnread: (error) => failure(`failed to fetch existing ${recovery ? 'recovery ' : ''}config: ${textOf(error)}`),
  invalidConfig: (error) => failure(`invalid ${recovery ? 'recovery' : 'rekey seal'} configuration: ${textOf(error)}`),
  failed: (doing, error) => failure(`failed to ${doing}: ${textOf(error)}`),
});

const awaiting = (nonce: string): string =>
  `verification must be performed; nonce for the verification operation is "${nonce}"`;

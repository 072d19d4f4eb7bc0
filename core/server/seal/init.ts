/** Making a new OpenBao: keys, shares, and the first entries in storage, in upstream's order. */
import { encodeBase64 } from '../../codec/base64.ts';
import { encodeHex } from '../../codec/hex.ts';
import type { JsonValue } from '../../codec/json.ts';
import { splitKey } from '../../crypto/shamir.ts';
import { coded } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { encryptFor, encryptShares, pgpEntity } from './pgp.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { generateKey, initialiseBarrier, sealBarrier, unsealBarrier } from '../../storage/barrier/lifecycle.ts';
import { sealConfig, validateRecoveryConfig, validateSealConfig, type SealConfig } from './seal-config.ts';
import type { Seal } from './seal.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';

/** What a client may give; absent is 0 or [], as in Go. */
export interface InitParameters {
  readonly secretShares: number;
  readonly secretThreshold: number;
  readonly pgpKeys: readonly string[];
  readonly recoveryShares: number;
  readonly recoveryThreshold: number;
  readonly recoveryPgpKeys: readonly string[];
  readonly rootTokenPgpKey: string;
}

/** Nobody gets a share. */
export const withoutShares: InitParameters = {
  secretShares: 0,
  secretThreshold: 0,
  pgpKeys: [],
  recoveryShares: 0,
  recoveryThreshold: 0,
  recoveryPgpKeys: [],
  rootTokenPgpKey: '',
};

/** What the node does in between. */
export interface InitSteps {
  /** Raft: becomes a cluster of one, so that there is a storage to write to. */
  bootstrap?(): Promise<void>;
  /** Cluster identity and the whole post-unseal set-up, on the open barrier. */
  postUnseal(): Promise<void>;
  /** Makes the first root token. */
  rootToken(): Promise<string>;
  /** Raft's TLS keyring, then the tear-down; afterwards the barrier is sealed. */
  preSeal(): Promise<void>;
}

export interface InitResult {
  /** The unseal key's shares; none on an auto seal. */
  readonly shares: readonly Uint8Array[];
  /** Undefined when no recovery key was made. */
  readonly recoveryShares: readonly Uint8Array[] | undefined;
  readonly rootToken: string;
}

/** `sys/init`'s answer. */
export function initAnswer({ shares, recoveryShares, rootToken }: InitResult): Map<string, JsonValue> {
  const answer = new Map<string, JsonValue>([
    ['keys', shares.map(encodeHex)],
    ['keys_base64', shares.map(encodeBase64)],
  ]);
  if (recoveryShares !== undefined) {
    answer.set('recovery_keys', recoveryShares.map(encodeHex));
    answer.set('recovery_keys_base64', recoveryShares.map(encodeBase64));
  }
  return answer.set('root_token', rootToken);
}

interface Splits {
  readonly barrier: SealConfig;
  readonly recovery: SealConfig | undefined;
  /** '' shows the token in clear. */
  readonly rootTokenPgpKey: string;
}

/** Throws a Fault with status 400 and upstream's text. Comes before the question whether there is anything to do. */
export function checkInitParameters(seal: Seal, parameters: InitParameters, runtime: Runtime): Splits {
  const { rootTokenPgpKey } = parameters;
  const { secretShares, secretThreshold, pgpKeys, recoveryShares, recoveryThreshold, recoveryPgpKeys } = parameters;
  const given = seal.auto
    ? { secret_shares: secretShares !== 0, secret_threshold: secretThreshold !== 0, pgp_keys: pgpKeys.length > 0 }
    : {
        recovery_shares: recoveryShares !== 0,
        recovery_threshold: recoveryThreshold !== 0,
        recovery_pgp_keys: recoveryPgpKeys.length > 0,
      };
  const wrong = Object.entries(given).flatMap(([name, present]) => (present ? [name] : []));
  if (wrong.length > 0) {
    throw coded(400, `parameters ${wrong.join(',')} not applicable to seal type ${seal.type}`);
  }
  const barrier = seal.auto
    ? sealConfig(seal.type, 1, 1)
    : { ...sealConfig(seal.type, secretShares, secretThreshold), pgpKeys };
  const checkKey = (key: string): void => void pgpEntity(key, runtime);
  const checked = checking(runtime);
  checked('invalid seal configuration', () => validateSealConfig(barrier, checkKey));
  if (!seal.auto) return { barrier, recovery: undefined, rootTokenPgpKey };
  const recovery = { ...sealConfig('shamir', recoveryShares, recoveryThreshold), pgpKeys: recoveryPgpKeys };
  checked('invalid recovery configuration', () => validateRecoveryConfig(recovery, checkKey));
  return { barrier, recovery, rootTokenPgpKey };
}

/** Root key, and on a Shamir seal the key that the shares make: all stored, and the barrier opened with them. */
export async function makeKeys(barrier: Barrier, seal: Seal, config: SealConfig): Promise<readonly Uint8Array[]> {
  const { random } = barrier.runtime;
  const rootKey = generateKey(barrier);
  const kek = seal.auto ? undefined : generateKey(barrier);
  const shares = kek === undefined ? [] : splitKey(kek, config.shares, config.threshold, random);
  const shown = encryptShares(shares, config.pgpKeys, barrier.runtime);
  await initialiseBarrier(barrier, rootKey, kek);
  const { shares: total, threshold } = config;
  if (barrier.prefix === '') {
    barrier.runtime.log.write('info', 'core', 'security barrier initialized', { shares: total, threshold });
  }
  try {
    await unsealBarrier(barrier, rootKey);
    await seal.writeBarrierConfig(config);
    if (kek !== undefined && seal.wrapper instanceof ShamirWrapper) seal.wrapper.setKey(kek);
    await seal.storeKeys([rootKey]);
  } catch (error) {
    sealBarrier(barrier);
    throw error;
  }
  return shown;
}

/** Writes everything and leaves the barrier sealed again, whatever happens. */
export async function initialise(barrier: Barrier, seal: Seal, splits: Splits, steps: InitSteps): Promise<InitResult> {
  if (steps.bootstrap !== undefined) {
    await steps.bootstrap();
    // Upstream looks once more, under the lock that nodes share.
    barrier.runtime.log.write('info', 'core', 'security barrier not initialized');
    barrier.runtime.log.write('info', 'core', 'acquired HA initialization lock');
  }
  const shown = await makeKeys(barrier, seal, splits.barrier);
  try {
    await steps.postUnseal();
    const recoveryShares = await writeRecovery(barrier, seal, splits.recovery);
    const rootToken = await steps.rootToken();
    barrier.runtime.log.write('info', 'core', 'root token generated');
    await steps.preSeal();
    return { shares: shown, recoveryShares, rootToken: tokenFor(splits.rootTokenPgpKey, rootToken, barrier.runtime) };
  } finally {
    sealBarrier(barrier);
  }
}

async function writeRecovery(
  barrier: Barrier,
  seal: Seal,
  config: SealConfig | undefined,
): Promise<Uint8Array[] | undefined> {
  if (config === undefined) return undefined;
  await seal.writeRecoveryConfig(config);
  if (config.shares <= 0) return undefined;
  const key = generateKey(barrier);
  const shares = splitKey(key, config.shares, config.threshold, barrier.runtime.random);
  await seal.storeRecoveryKey(key);
  return [...encryptShares(shares, config.pgpKeys, barrier.runtime)];
}

const tokenFor = (key: string, token: string, runtime: Runtime): string =>
  key === '' ? token : encodeBase64(encryptFor(key, encodeUtf8(token), runtime));

const checking =
  ({ log }: Runtime) =>
  (prefix: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      log.write('error', 'core', prefix, { error });
      throw coded(400, `${prefix}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

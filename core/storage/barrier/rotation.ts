/** Rotation of the encryption key: new terms, how standbys follow, and when it happens by itself. */
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { failure, refuse } from '../../fault.ts';
import { HOUR, MINUTE, SECOND } from '../../runtime.ts';
import { BarrierSealed, type Barrier } from './barrier.ts';
import {
  maximumOperations,
  minimumInterval,
  minimumOperations,
  parseKey,
  permittedRotation,
  serialiseKey,
  zeroTime,
  type RotationConfig,
} from './keyring.ts';
import { newTermKey, persistKeyring } from './lifecycle.ts';

const upgradePrefix = 'core/upgrade/';

/** How often the active node looks whether a rotation is due. */
export const autoRotateCheckInterval = 5 * MINUTE;
/** How often a standby looks for a new term. */
export const upgradeCheckInterval = 10 * SECOND;
/** How long the upgrade entry stays, after a rotation and after a leadership change. */
export const upgradeGracePeriod = 2 * MINUTE;

const oneYear = 365 * 24 * HOUR;

/** Installs a key for the next term and returns the term. */
export async function rotate(barrier: Barrier): Promise<number> {
  return barrier.exclusively(async () => {
    const term = barrier.keyring.activeTerm + 1;
    const keyring = barrier.keyring.withKey(newTermKey(barrier, term));
    await persistKeyring(barrier, keyring);
    if (barrier.sealed) throw new BarrierSealed();
    barrier.count(-barrier.unaccounted);
    barrier.install(keyring);
    barrier.runtime.trace({ kind: 'barrier.rotate', term, ...barrier.realm });
    return term;
  });
}

/** Leaves the key of `term`, under the key before it, where standbys find it. */
export async function createUpgrade(barrier: Barrier, term: number): Promise<void> {
  const key = barrier.keyring.keys.get(term);
  if (key === undefined) throw failure(`no key for term ${term}`);
  const path = barrier.prefix + upgradePrefix + String(term - 1);
  await barrier.physical.put(path, barrier.sealUnder(term - 1, path, serialiseKey(key)));
}

export const destroyUpgrade = (barrier: Barrier, term: number): Promise<void> =>
  barrier.delete(barrier.prefix + upgradePrefix + String(term - 1));

/** Takes the next term into use if the active node left it; returns it, or undefined. Call again until undefined. */
export async function checkUpgrade(barrier: Barrier): Promise<number | undefined> {
  const path = (): string => barrier.prefix + upgradePrefix + String(barrier.keyring.activeTerm);
  if ((await barrier.get(path())) === undefined) return undefined;
  return barrier.exclusively(async () => {
    const stored = await barrier.getWithin(barrier.physical, path());
    if (stored === undefined) return undefined;
    const key = parseKey(stored);
    barrier.install(barrier.keyring.withKey(key));
    return key.term;
  });
}

/** Throws BarrierSealed. */
export const rotationConfig = (barrier: Barrier): RotationConfig => permittedRotation(barrier.keyring.rotation);

/** Written only when it changes something. */
export async function setRotationConfig(barrier: Barrier, config: RotationConfig): Promise<void> {
  await barrier.exclusively(async () => {
    const wanted = permittedRotation(config);
    const { disabled, maxOperations, interval } = barrier.keyring.rotation;
    if (wanted.disabled === disabled && wanted.maxOperations === maxOperations && wanted.interval === interval) return;
    const keyring = barrier.keyring.withRotation(wanted);
    await persistKeyring(barrier, keyring);
    if (barrier.sealed) throw new BarrierSealed();
    barrier.install(keyring);
  });
}

/** `sys/rotate/config`: what is given replaces what is, within limits that are checked here. */
export async function changeRotationConfig(barrier: Barrier, change: Partial<RotationConfig>): Promise<void> {
  const { maxOperations, interval } = change;
  if (interval !== undefined && interval > 0 && interval < minimumInterval) {
    throw refuse('interval must be greater or equal to 24h0m0s');
  }
  if (maxOperations !== undefined && (maxOperations < minimumOperations || maxOperations > maximumOperations)) {
    throw refuse(`max_operations must be in the range [${minimumOperations},${maximumOperations}]`);
  }
  await setRotationConfig(barrier, { ...rotationConfig(barrier), ...change });
}

/**
 * Why the key should be rotated now, or undefined; then the encryptions counted since the last time have been added
 * to the keyring. The caller rotates.
 */
export async function autoRotateReason(barrier: Barrier): Promise<string | undefined> {
  if (barrier.sealed) return undefined;
  const { rotation, activeKey } = barrier.keyring;
  if (!rotation.disabled) {
    const installed = activeKey.installTime === zeroTime ? undefined : parseRfc3339(activeKey.installTime);
    const age = installed === undefined ? 0 : barrier.runtime.clock.wall() - installed;
    if (activeKey.encryptions === 0 && age > oneYear) return 'legacy rotation';
    if (barrier.encryptions > rotation.maxOperations) return 'reached max operations';
    if (rotation.interval > 0 && age > rotation.interval) return 'rotation interval reached';
  }
  await persistEncryptions(barrier);
  return undefined;
}

/** Moves the counted encryptions into the stored keyring, with one more for the write itself. */
async function persistEncryptions(barrier: Barrier): Promise<void> {
  await barrier.exclusively(async () => {
    if (barrier.sealed || barrier.unaccounted === 0) return;
    const count = barrier.unaccounted + 1;
    const keyring = barrier.keyring.withEncryptions(count);
    await persistKeyring(barrier, keyring);
    if (barrier.sealed) return;
    barrier.count(-count);
    barrier.install(keyring);
  });
}

/** A small node around a seal for tests: in-memory storage, no services. */
import { Barrier } from '../../storage/barrier/barrier.ts';
import { testRuntime, type TestRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { type InitParameters, type InitSteps, withoutShares } from './init.ts';
import { SealManager } from './manager.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import { StaticWrapper } from './static-wrapper.ts';

export const initParameters = (given: Partial<InitParameters> = {}): InitParameters => ({
  ...withoutShares,
  ...given,
});

export const noSteps: InitSteps = {
  postUnseal: async () => {},
  rootToken: async () => 's.root',
  preSeal: async () => {},
};

export const staticKey = '6f'.repeat(32);

/** A manager over `physical`: another one over the same storage is the same server restarted, or its standby. */
export function managerOver(
  physical: InmemStorage,
  type: 'shamir' | 'static' = 'shamir',
  runtime: TestRuntime = testRuntime(),
): SealManager {
  const wrapper =
    type === 'shamir'
      ? new ShamirWrapper(runtime)
      : new StaticWrapper(runtime, { currentKey: staticKey, currentKeyId: 'k1' });
  return new SealManager(new Barrier(runtime, physical), wrapper);
}

/** Initialised 5/3 and open. */
export async function openShamir(secretShares = 5, secretThreshold = 3) {
  const physical = new InmemStorage();
  const manager = managerOver(physical);
  const { shares } = await manager.initialise(initParameters({ secretShares, secretThreshold }), noSteps);
  for (const share of shares.slice(0, secretThreshold)) await manager.submitShare(share);
  return { physical, manager, shares };
}

/** Initialised with 3/2 recovery shares and open. */
export async function openStatic(recoveryShares = 3, recoveryThreshold = 2) {
  const physical = new InmemStorage();
  const manager = managerOver(physical, 'static');
  const made = await manager.initialise(initParameters({ recoveryShares, recoveryThreshold }), noSteps);
  await manager.tryStoredKeys();
  return { physical, manager, shares: made.recoveryShares ?? [] };
}

/** A share of this length that is nobody's. */
export const foreign = (length = 33): Uint8Array => new Uint8Array(length).fill(0xab);

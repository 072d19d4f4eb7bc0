/** `server -dev`: one share, unsealed, a root token of the user's choice, KV at secret/ (facts §10). */
import type { Running } from './post-unseal.ts';
import type { DevMode } from './config.ts';
import type { Node } from './node.ts';
import { withoutShares } from './seal/init.ts';
import { assert } from '../assert.ts';
import { MILLISECOND } from '../runtime.ts';

/** Between two looks whether it is active, where nodes could be several. */
const LOOK = 10 * MILLISECOND;

/** What the operator is shown at the start. */
export interface DevKeys {
  /** With a seal that opens by itself: the share of the recovery key. */
  readonly unsealKey: Uint8Array;
  readonly recovery: boolean;
  readonly rootToken: string;
}

/** Rejects in upstream's words for a root token that cannot be one. */
export async function setUpDev(node: Node, dev: DevMode): Promise<DevKeys> {
  const { auto } = node.seals.seal;
  const made = await node.initialise({
    ...withoutShares,
    ...(auto ? { recoveryShares: 1, recoveryThreshold: 1 } : { secretShares: 1, secretThreshold: 1 }),
  });
  for (const share of made.shares) await node.unseal(share, { migrate: false });
  // Upstream tries once more whatever came of it, which is told.
  if (auto) await node.seals.tryStoredKeys();
  while (node.states.state !== 'active') await node.runtime.clock.sleep(LOOK);
  const { running } = node;
  assert(running !== undefined, 'an active node runs');
  if (dev.rootToken.includes('.')) {
    const why = '1 error occurred:\n\t* invalid request\n\n';
    throw new Error(`failed to create root token with ID ${JSON.stringify(dev.rootToken)}: ${why}`);
  }
  if (dev.rootToken !== '') {
    await running.services.tokens.createRoot(dev.rootToken);
    await running.services.tokens.revoke(made.rootToken);
  }
  const [unsealKey] = auto ? made.recoveryShares! : made.shares;
  const rootToken = dev.rootToken === '' ? made.rootToken : dev.rootToken;
  const keys = { unsealKey: unsealKey!, recovery: auto, rootToken };
  if (dev.kvVersion !== 0) await mountKv(running, dev.kvVersion);
  node.runtime.log.write('info', '', 'beginning post-unseal configuration');
  return keys;
}

async function mountKv({ mounts }: Running, version: 1 | 2): Promise<void> {
  await mounts.enable({
    table: 'mounts',
    path: 'secret/',
    type: 'kv',
    description: 'key/value secret storage',
    options: { version: String(version) },
  });
}

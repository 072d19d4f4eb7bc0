import { describe, expect, it } from 'vitest';
import { Barrier } from '../../storage/barrier/barrier.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { SealManager } from './manager.ts';
import { initParameters, noSteps, openShamir, openStatic, staticKey } from './seal.fixture.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import { StaticWrapper } from './static-wrapper.ts';
import type { SealWrapper } from './wrapper.ts';

const runtime = testRuntime(7);
const shamir = () => new ShamirWrapper(runtime);
const named = (id: string, byte = '6f') =>
  new StaticWrapper(runtime, { currentKey: byte === '6f' ? staticKey : byte.repeat(32), currentKeyId: id });

/** The storage of a stopped server under another configuration. */
async function restarted(physical: InmemStorage, seal: SealWrapper, old?: SealWrapper): Promise<SealManager> {
  const manager = new SealManager(new Barrier(runtime, physical), seal, old === undefined ? {} : { old });
  await manager.findMigration();
  return manager;
}

async function give(manager: SealManager, shares: readonly Uint8Array[], migrate = true): Promise<void> {
  for (const share of shares) await manager.submitShare(share, { migrate });
}

/** The keys that are written, in order. */
function watchWrites(physical: InmemStorage): string[] {
  const written: string[] = [];
  const put = physical.put.bind(physical);
  const remove = physical.delete.bind(physical);
  physical.put = (key, value) => {
    written.push(key);
    return put(key, value);
  };
  physical.delete = (key) => {
    written.push(`-${key}`);
    return remove(key);
  };
  return written;
}

const opens = async (manager: SealManager, shares: readonly Uint8Array[]): Promise<boolean> => {
  await give(manager, shares, false);
  return !manager.barrier.sealed;
};

describe('from shares to a key service', () => {
  it('asks for the shares with the intent, and writes in upstream’s order', async () => {
    const { physical, shares } = await openShamir(3, 2);
    const manager = await restarted(physical, named('k1'));
    expect(manager.opensItself).toBe(false);
    expect(await manager.status()).toMatchObject({ type: 'static', shares: 3, threshold: 2, migration: true });
    await expect(give(manager, shares.slice(0, 1), false)).rejects.toThrow(
      'migrate option not provided and seal migration is pending',
    );
    await give(manager, shares.slice(0, 2));
    expect(await manager.status()).toMatchObject({ sealed: false, shares: 3, migration: true });
    manager.begin();
    await expect(manager.status()).rejects.toThrow(
      'barrier seal type of "shamir" does not match loaded type of "static"',
    );
    const written = watchWrites(physical);
    await manager.migrate();
    expect(written).toEqual([
      'core/recovery-key',
      'core/keyring',
      'core/root-key',
      '-core/master',
      'core/hsm/barrier-unseal-keys',
      'core/seal-config',
      'core/recovery-config',
    ]);
    expect(await manager.status()).toMatchObject({ shares: 3, threshold: 2, migration: false, recoverySeal: true });
    const next = await restarted(physical, named('k1'));
    expect(await next.tryStoredKeys()).toBe(true);
    await expect(next.seal.verifyRecoveryKey(new Uint8Array(32))).rejects.toThrow('does not match');
  });

  it('leaves wrong shares with upstream’s text', async () => {
    const { physical, shares } = await openShamir(3, 2);
    const manager = await restarted(physical, named('k1'));
    await expect(give(manager, [shares[0]!, new Uint8Array(33).fill(9)])).rejects.toMatchObject({
      status: 400,
      message:
        'unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: cipher: message authentication failed',
    });
  });
});

describe('from a key service to shares', () => {
  it('makes the recovery key the unseal key, also for later rotations of the root key', async () => {
    const { physical, shares } = await openStatic(3, 2);
    const manager = await restarted(physical, shamir(), named('k1'));
    await give(manager, shares.slice(0, 2));
    const written = watchWrites(physical);
    await manager.migrate();
    expect(written).toEqual([
      'core/hsm/barrier-unseal-keys',
      'core/shamir-kek',
      'core/seal-config',
      '-core/recovery-config',
    ]);
    await manager.refresh();
    await manager.rotateRoot();
    expect(await opens(await restarted(physical, shamir()), shares.slice(0, 2))).toBe(true);
    const still = await restarted(physical, shamir(), named('k1'));
    expect(await still.status()).toMatchObject({ type: 'shamir', migration: false });
  });

  it('wants the seal that is left to be named', async () => {
    const { physical } = await openStatic();
    await expect(restarted(physical, shamir())).rejects.toThrow(
      'cannot seal migrate from "static" to Shamir, no disabled seal in configuration',
    );
  });
});

describe('from one key service to another', () => {
  it('keeps the recovery key and changes what wraps it', async () => {
    const { physical, shares } = await openStatic(3, 2);
    const manager = await restarted(physical, named('k2', '5a'), named('k1'));
    expect(await manager.status()).toMatchObject({ migration: true });
    await give(manager, shares.slice(0, 2));
    await manager.migrate();
    expect(await manager.status()).toMatchObject({ migration: false });
    expect(await (await restarted(physical, named('k2', '5a'))).tryStoredKeys()).toBe(true);
    await expect((await restarted(physical, named('k1'))).tryStoredKeys()).rejects.toThrow(
      'unknown key id for data: `k2`',
    );
  });

  it('is done once: a node that comes later finds it performed', async () => {
    const { physical, shares } = await openStatic(3, 2);
    const [first, second] = [
      await restarted(physical, named('k2', '5a'), named('k1')),
      await restarted(physical, named('k2', '5a'), named('k1')),
    ];
    for (const manager of [first, second]) await give(manager, shares.slice(0, 2));
    await first.migrate();
    const written = watchWrites(physical);
    await second.migrate();
    expect(written).toEqual([]);
  });

  it('has nothing to do before there is a barrier, nor where the configured seal is the stored one', async () => {
    const empty = await restarted(new InmemStorage(), named('k2', '5a'), named('k1'));
    expect(empty.opensItself).toBe(true);
    await empty.initialise(initParameters({ recoveryShares: 1, recoveryThreshold: 1 }), noSteps);
    expect(await empty.tryStoredKeys()).toBe(true);
    const { physical } = await openStatic();
    await expect(give(await restarted(physical, named('k1')), [new Uint8Array(33)])).rejects.toThrow(
      "can't perform a seal migration, no migration seal found",
    );
  });
});

import { describe, expect, it } from 'vitest';
import { assert } from '../../assert.ts';
import { Fault } from '../../fault.ts';
import type { RootRotation } from './root-rotation.ts';
import { foreign, managerOver, openShamir, openStatic } from './seal.fixture.ts';
import type { RotationParameters, RotationResult } from './rotation-shapes.ts';

const refused = (message: string) => new Fault('response', message);

const wanted = (given: Partial<RotationParameters> = {}): RotationParameters => ({
  shares: 3,
  threshold: 2,
  pgpKeys: [],
  backup: false,
  requireVerification: false,
  ...given,
});

async function nonceOf(rotation: RootRotation): Promise<string> {
  const status = await rotation.status();
  return status.started ? status.nonce : '';
}

async function give(rotation: RootRotation, shares: readonly Uint8Array[]): Promise<RotationResult> {
  const nonce = await nonceOf(rotation);
  let result: RotationResult | undefined;
  for (const share of shares) result = await rotation.update(share, nonce);
  assert(result !== undefined, 'the shares were enough');
  return result;
}

describe('rotating the root key of a Shamir seal', () => {
  it('replaces the shares, and the old ones open nothing any more', async () => {
    const { physical, manager, shares } = await openShamir();
    const before = manager.barrier.keyring.rootKey;
    expect(await manager.rootRotation.status()).toEqual({ started: false, required: 3 });
    await manager.rootRotation.start(wanted());
    const made = await give(manager.rootRotation, shares.slice(1, 4));
    expect(made).toMatchObject({ verificationRequired: false, verificationNonce: '', backup: false });
    expect(made.shares).toHaveLength(3);
    expect(await manager.rootRotation.status()).toEqual({ started: false, required: 2 });
    expect(manager.barrier.keyring.rootKey).not.toEqual(before);

    const restarted = managerOver(physical);
    await restarted.submitShare(shares[0]!);
    await expect(restarted.submitShare(shares[1]!)).rejects.toThrow('cipher: message authentication failed');
    await restarted.submitShare(made.shares[2]!);
    expect(await restarted.submitShare(made.shares[0]!)).toBe(true);
  });

  it("writes in upstream's order, one entry after the other", async () => {
    const { physical, manager, shares } = await openShamir(1, 1);
    const written: string[] = [];
    const put = physical.put.bind(physical);
    physical.put = (key, value) => {
      written.push(key);
      return put(key, value);
    };
    await manager.rootRotation.start(wanted());
    await give(manager.rootRotation, shares);
    expect(written).toEqual([
      'core/hsm/barrier-unseal-keys',
      'core/keyring',
      'core/root-key',
      'core/shamir-kek',
      'core/seal-config',
    ]);
  });

  it('a crash between the first two writes leaves stored keys that do not open the keyring, as upstream', async () => {
    const { physical, manager, shares } = await openShamir(1, 1);
    const put = physical.put.bind(physical);
    physical.put = (key, value) => (key === 'core/keyring' ? Promise.reject(new Error('crash')) : put(key, value));
    await expect(manager.rotateRoot()).rejects.toThrow('failed to persist keyring: crash');
    const restarted = managerOver(physical);
    await expect(restarted.submitShare(shares[0]!)).rejects.toEqual(
      new Fault('coded', 'Unseal failed, invalid key', 400),
    );
  });

  it.each([
    [{ shares: 0, threshold: 0 }, 'shares must be at least one'],
    [{ shares: 5, threshold: 0 }, 'threshold must be at least one'],
    [{ shares: 2, threshold: 3 }, 'threshold cannot be larger than shares'],
    [{ pgpKeys: ['x'] }, 'count mismatch between number of provided PGP keys and number of shares'],
  ])('refuses %j', async (given, message) => {
    const { manager } = await openShamir(1, 1);
    await expect(manager.rootRotation.start(wanted(given))).rejects.toEqual(
      refused(`invalid rotate seal configuration: %!w(*errors.errorString=&{${message}})`),
    );
  });

  it('refuses shares out of turn, and starts over after wrong ones', async () => {
    const { manager, shares } = await openShamir();
    const rotation = manager.rootRotation;
    await expect(rotation.update(shares[0]!, 'x')).rejects.toEqual(refused('no rotation in progress'));
    await rotation.start(wanted());
    await expect(rotation.start(wanted())).rejects.toEqual(refused('rotation already in progress'));
    const nonce = await nonceOf(rotation);
    await expect(rotation.update(shares[0]!, 'x')).rejects.toEqual(
      refused(`incorrect nonce supplied; nonce for rotation is "${nonce}"`),
    );
    await rotation.update(shares[0]!, nonce);
    await expect(rotation.update(shares[0]!, nonce)).rejects.toEqual(
      refused('given key has already been provided during this rotation'),
    );
    await rotation.update(shares[1]!, nonce);
    expect(await rotation.status()).toMatchObject({ progress: 2, required: 3, shares: 3, threshold: 2 });
    await expect(rotation.update(foreign(), nonce)).rejects.toEqual(
      refused(
        'failed to read root key: %!w(*vault.ErrInvalidKey=&{failed to decrypt keys from storage: cipher: message authentication failed})',
      ),
    );
    expect(await rotation.status()).toMatchObject({ progress: 0, nonce });
    await rotation.update(shares[0]!, nonce);
    await rotation.update(shares[1]!, nonce);
    await expect(rotation.update(foreign(32), nonce)).rejects.toEqual(
      refused('failed to compute key: %!w(*errors.errorString=&{all parts must be the same length})'),
    );
    rotation.cancel();
    expect(await rotation.status()).toEqual({ started: false, required: 3 });
  });

  it('refuses a key of an impossible size', async () => {
    const { manager } = await openShamir(1, 1);
    await manager.rootRotation.start(wanted());
    await expect(give(manager.rootRotation, [foreign(33)])).rejects.toEqual(
      refused('failed to setup unseal key: %!w(aes.KeySizeError=33)'),
    );
  });

  it('keeps the new key in memory until its shares have been shown', async () => {
    const { physical, manager, shares } = await openShamir(1, 1);
    const rotation = manager.rootRotation;
    const before = await physical.get('core/keyring');
    expect(() => rotation.verificationStatus()).toThrow('no rotation configuration found');
    await rotation.start(wanted({ requireVerification: true }));
    await expect(rotation.verify(shares[0]!, 'x')).rejects.toEqual(refused('no rotation verification in progress'));
    const { shares: fresh, verificationNonce: first } = await give(rotation, shares);
    expect(await physical.get('core/keyring')).toBe(before);
    await expect(give(rotation, shares)).rejects.toEqual(
      refused(
        `rotation already finished; verification must be performed; nonce for the verification operation is "${first}"`,
      ),
    );
    await expect(rotation.verify(fresh[0]!, 'x')).rejects.toEqual(
      refused(`incorrect nonce supplied; nonce for this verify operation is "${first}"`),
    );
    expect(await rotation.verify(fresh[0]!, first)).toBeUndefined();
    expect(rotation.verificationStatus()).toEqual({
      started: true,
      nonce: first,
      shares: 3,
      threshold: 2,
      progress: 1,
    });
    await expect(rotation.verify(fresh[0]!, first)).rejects.toEqual(
      refused('failed to compute key for verification: %!w(*errors.errorString=&{duplicate part detected})'),
    );
    const second = rotation.verificationStatus().nonce;
    expect(second).not.toBe(first);
    await rotation.verify(fresh[0]!, second);
    await expect(rotation.verify(foreign(), second)).rejects.toEqual(
      refused('rotation verification failed; incorrect key shares supplied'),
    );
    const third = rotation.restartVerification().nonce;
    expect([first, second]).not.toContain(third);
    await rotation.verify(fresh[2]!, third);
    expect(await rotation.verify(fresh[1]!, third)).toBe(third);
    expect(await physical.get('core/keyring')).not.toBe(before);
    const restarted = managerOver(physical);
    await restarted.submitShare(fresh[0]!);
    expect(await restarted.submitShare(fresh[1]!)).toBe(true);
  });

  it('is forgotten when the node is sealed', async () => {
    const { manager } = await openShamir(1, 1);
    await manager.rootRotation.start(wanted());
    manager.sealNode();
    expect(await manager.rootRotation.status()).toMatchObject({ started: false });
  });

  it('has no recovery keys to rotate', async () => {
    const { manager, shares } = await openShamir(1, 1);
    const rotation = manager.recoveryRotation;
    const unread = 'unable to look up config: %!w(*errors.errorString=&{recovery not supported})';
    await expect(rotation.status()).rejects.toMatchObject({ shape: 'response', message: unread, audited: unread });
    await expect(rotation.start(wanted())).rejects.toEqual(refused('recovery keys not supported'));
    const unfetched = 'failed to fetch existing config: %!w(*errors.errorString=&{recovery not supported})';
    await expect(rotation.update(shares[0]!, 'x')).rejects.toMatchObject({ message: unfetched, audited: unfetched });
  });
});

describe('rotating the keys of a static seal', () => {
  it('gives new recovery shares to those who bring the old', async () => {
    const { manager, shares } = await openStatic();
    const rotation = manager.recoveryRotation;
    await rotation.start(wanted({ shares: 1, threshold: 1 }));
    await expect(give(rotation, [shares[0]!, foreign()])).rejects.toEqual(
      refused('recovery key verification failed: recovery key does not match submitted values'),
    );
    const { shares: fresh } = await give(rotation, shares.slice(0, 2));
    expect(await manager.seal.recoveryKey()).toEqual(fresh[0]);
    expect(await rotation.status()).toEqual({ started: false, required: 1 });
  });

  it('gives recovery shares at once where there were none', async () => {
    const { manager } = await openStatic(0, 0);
    const made = await manager.recoveryRotation.start(wanted());
    expect(made?.shares).toHaveLength(3);
    expect(await manager.recoveryRotation.status()).toEqual({ started: false, required: 2 });
  });

  it('rotates the root key under the authority of recovery shares, and hands out none', async () => {
    const { physical, manager, shares } = await openStatic();
    const before = await physical.get('core/keyring');
    await expect(manager.rootRotation.start(wanted({ requireVerification: true }))).rejects.toEqual(
      refused('requiring verification not supported when rotating the barrier key with recovery keys'),
    );
    await manager.rootRotation.start(wanted({ shares: 5, threshold: 3 }));
    expect(await manager.rootRotation.status()).toMatchObject({ shares: 1, threshold: 1, required: 2 });
    expect((await give(manager.rootRotation, shares.slice(0, 2))).shares).toEqual([]);
    expect(await physical.get('core/keyring')).not.toBe(before);
    expect(await managerOver(physical, 'static').tryStoredKeys()).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { Fault } from '../../fault.ts';
import { Scope } from '../../scope.ts';
import { testRuntime, type TestRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { initAnswer } from './init.ts';
import { Barrier } from '../../storage/barrier/barrier.ts';
import { SealManager } from './manager.ts';
import { foreign, initParameters, managerOver, noSteps, openShamir, openStatic, staticKey } from './seal.fixture.ts';
import { StaticWrapper } from './static-wrapper.ts';
import { sealConfig } from './seal-config.ts';

const refused = (status: number, message: string) => new Fault('coded', message, status);

describe('init', () => {
  it.each([
    [{}, 'shares must be at least one'],
    [{ secretShares: -1, secretThreshold: 1 }, 'shares must be at least one'],
    [{ secretShares: 5 }, 'threshold must be at least one'],
    [{ secretShares: 1, secretThreshold: 3 }, 'threshold cannot be larger than shares'],
    [{ secretShares: 5, secretThreshold: 1 }, 'threshold must be greater than one for multiple shares'],
    [{ secretShares: 256, secretThreshold: 3 }, 'shares must be less than 256'],
    [{ secretShares: 1, secretThreshold: 256 }, 'threshold must be less than 256'],
    [
      { secretShares: 5, secretThreshold: 3, pgpKeys: ['x'] },
      'count mismatch between number of provided PGP keys and number of shares',
    ],
  ])('refuses %j on a Shamir seal', async (given, message) => {
    const manager = managerOver(new InmemStorage());
    await expect(manager.initialise(initParameters(given), noSteps)).rejects.toEqual(
      refused(400, `invalid seal configuration: ${message}`),
    );
  });

  it.each([
    [{ recoveryThreshold: 1 }, 'threshold cannot be larger than shares'],
    [{ recoveryShares: 5, recoveryThreshold: 1 }, 'threshold must be greater than one for multiple shares'],
    [{ recoveryShares: 2 }, 'threshold must be greater than one for multiple shares'],
    [{ recoveryShares: 256, recoveryThreshold: 3 }, 'shares must be less than 256'],
    [{ recoveryShares: -1 }, 'threshold cannot be larger than shares'],
  ])('refuses %j on a static seal', async (given, message) => {
    const manager = managerOver(new InmemStorage(), 'static');
    await expect(manager.initialise(initParameters(given), noSteps)).rejects.toEqual(
      refused(400, `invalid recovery configuration: ${message}`),
    );
  });

  it("refuses the other seal's parameters and names them", async () => {
    const shamir = managerOver(new InmemStorage());
    const all = initParameters({ secretShares: 5, secretThreshold: 3, recoveryShares: 5, recoveryThreshold: 3 });
    await expect(shamir.initialise(all, noSteps)).rejects.toThrow(
      'parameters recovery_shares,recovery_threshold not applicable to seal type shamir',
    );
    const automatic = managerOver(new InmemStorage(), 'static');
    await expect(automatic.initialise(all, noSteps)).rejects.toThrow(
      'parameters secret_shares,secret_threshold not applicable to seal type static',
    );
  });

  it('happens once, and bad parameters are noticed first', async () => {
    const { manager } = await openShamir();
    const good = initParameters({ secretShares: 1, secretThreshold: 1 });
    await expect(manager.initialise(good, noSteps)).rejects.toEqual(refused(400, 'Vault is already initialized'));
    await expect(manager.initialise(initParameters(), noSteps)).rejects.toThrow('shares must be at least one');
  });

  it("writes in upstream's order and leaves the barrier sealed", async () => {
    const physical = new InmemStorage();
    const written: string[] = [];
    const put = physical.put.bind(physical);
    physical.put = (key, value) => {
      written.push(key);
      return put(key, value);
    };
    const manager = managerOver(physical, 'static');
    const note = (what: string) => async () => {
      expect(manager.barrier.sealed).toBe(false);
      written.push(what);
      return 's.root';
    };
    const steps = {
      postUnseal: async () => void (await note('postUnseal')()),
      rootToken: note('rootToken'),
      preSeal: async () => {},
    };
    const result = await manager.initialise(initParameters({ recoveryShares: 3, recoveryThreshold: 2 }), steps);
    expect(written).toEqual([
      'core/keyring',
      'core/root-key',
      'core/seal-config',
      'core/hsm/barrier-unseal-keys',
      'postUnseal',
      'core/recovery-config',
      'core/recovery-key',
      'rootToken',
    ]);
    expect(manager.barrier.sealed).toBe(true);
    expect([...initAnswer(result).keys()]).toEqual([
      'keys',
      'keys_base64',
      'recovery_keys',
      'recovery_keys_base64',
      'root_token',
    ]);
  });

  it('seals again when the node fails on the way', async () => {
    const manager = managerOver(new InmemStorage());
    const steps = { ...noSteps, postUnseal: () => Promise.reject(new Error('no cluster')) };
    await expect(manager.initialise(initParameters({ secretShares: 1, secretThreshold: 1 }), steps)).rejects.toThrow(
      'no cluster',
    );
    expect(manager.barrier.sealed).toBe(true);
  });

  it('stores the configuration as a real server does', async () => {
    const { physical } = await openShamir();
    expect(decodeUtf8((await physical.get('core/seal-config'))!)).toBe(
      '{"type":"shamir","secret_shares":5,"secret_threshold":3,"pgp_keys":null,"nonce":"","backup":false}',
    );
    expect((await physical.get('core/hsm/barrier-unseal-keys'))!.slice(-2)).toEqual(Uint8Array.of(0x2a, 0));
  });
});

describe('unseal', () => {
  it('counts shares under one nonce, ignores a repeated one, and forgets on request', async () => {
    const { physical, shares } = await openShamir();
    const manager = managerOver(physical, 'shamir', testRuntime(9));
    expect(await manager.status()).toMatchObject({
      initialised: true,
      sealed: true,
      threshold: 3,
      shares: 5,
      progress: 0,
      nonce: '',
    });
    expect(await manager.submitShare(shares[0]!)).toBe(false);
    const { nonce } = await manager.status();
    expect(nonce).toMatch(/^[0-9a-f-]{36}$/);
    await manager.submitShare(shares[0]!);
    expect(await manager.status()).toMatchObject({ progress: 1, nonce });
    manager.resetShares();
    expect(await manager.status()).toMatchObject({ progress: 0, nonce: '' });
    for (const share of shares.slice(2, 4)) await manager.submitShare(share);
    expect(await manager.submitShare(shares[4]!)).toBe(true);
    expect(await manager.status()).toMatchObject({ sealed: false, progress: 0, nonce: '' });
    expect(await manager.submitShare(shares[0]!)).toBe(false);
    expect(() => manager.resetShares()).toThrow('vault is unsealed');
  });

  it('refuses wrong combinations and starts over', async () => {
    const { physical, shares } = await openShamir();
    const manager = managerOver(physical);
    const with2 = async (third: Uint8Array) => {
      await manager.submitShare(shares[0]!);
      await manager.submitShare(shares[1]!);
      return manager.submitShare(third);
    };
    await expect(with2(foreign())).rejects.toEqual(
      refused(
        400,
        'unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: cipher: message authentication failed',
      ),
    );
    expect(await manager.status()).toMatchObject({ progress: 0, nonce: '' });
    await expect(with2(foreign(32))).rejects.toEqual(
      refused(400, 'invalid key: failed to compute combined key: all parts must be the same length'),
    );
    const sameX = foreign();
    sameX[32] = shares[0]![32]!;
    await expect(with2(sameX)).rejects.toThrow('invalid key: failed to compute combined key: duplicate part detected');
    await expect(with2(shares[2]!)).resolves.toBe(true);
  });

  it('refuses keys of an impossible size', async () => {
    const { physical } = await openShamir(1, 1);
    const manager = managerOver(physical);
    const refusal = (length: number) => expect(manager.submitShare(foreign(length))).rejects;
    await refusal(3).toEqual(refused(400, 'invalid key: key is shorter than minimum 16 bytes'));
    await refusal(34).toEqual(refused(400, 'invalid key: key is longer than maximum 33 bytes'));
    await refusal(33).toEqual(refused(400, 'invalid key: failed to setup unseal key: crypto/aes: invalid key size 33'));
    await refusal(16).toThrow('unable to retrieve stored keys: invalid key: failed to decrypt keys from storage');
  });

  it('says when there is nothing to unseal, or to migrate', async () => {
    const manager = managerOver(new InmemStorage());
    await expect(manager.submitShare(foreign())).rejects.toEqual(refused(400, 'Vault is not initialized'));
    await expect(manager.submitShare(foreign(), { migrate: true })).rejects.toThrow(
      "can't perform a seal migration, no migration seal found",
    );
    expect(await manager.status()).toMatchObject({ initialised: false, threshold: 0, shares: 0 });
  });

  it('takes shares that come at the same time one by one', async () => {
    const { physical, shares } = await openShamir();
    const manager = managerOver(physical);
    const opened = await Promise.all(shares.map((share) => manager.submitShare(share)));
    expect(opened).toEqual([false, false, true, false, false]);
  });

  it('hands the combined key to a join that waits for it', async () => {
    const { manager: leader, shares } = await openShamir();
    const joining = managerOver(new InmemStorage());
    const challenge = await leader.seal.wrapper.encrypt(encodeUtf8('challenge'));
    const answers: string[] = [];
    joining.joinWith({
      config: sealConfig('shamir', 5, 3),
      answer: async (key) => {
        answers.push(decodeUtf8(await joining.seal.withKey(key).wrapper.decrypt(challenge)));
      },
    });
    expect(await joining.status()).toMatchObject({ initialised: true, sealed: true, threshold: 3, shares: 5 });
    for (const share of shares.slice(1, 4)) await joining.submitShare(share);
    expect(answers).toEqual(['challenge']);
    expect(joining.barrier.sealed).toBe(true);
  });
});

describe('a static seal', () => {
  it('opens with the stored key as soon as there is one', async () => {
    const physical = new InmemStorage();
    const manager = managerOver(physical, 'static');
    await expect(manager.tryStoredKeys()).rejects.toThrow(
      'stored unseal keys are supported, but none were found: is the server initialized?',
    );
    await manager.initialise(initParameters(), noSteps);
    expect(await manager.tryStoredKeys()).toBe(true);
    expect(await manager.tryStoredKeys()).toBe(false);
    expect(await manager.status()).toMatchObject({ type: 'static', recoverySeal: true, shares: 0, threshold: 0 });
  });

  it('opens with recovery shares too', async () => {
    const { physical, shares } = await openStatic();
    const manager = managerOver(physical, 'static');
    await manager.submitShare(shares[0]!);
    await expect(manager.submitShare(foreign())).rejects.toEqual(
      refused(400, 'invalid key: failed to verify recovery key: recovery key does not match submitted values'),
    );
    await manager.submitShare(shares[0]!);
    expect(await manager.submitShare(shares[2]!)).toBe(true);
  });

  it('says what is wrong when the key is another one', async () => {
    const { physical } = await openStatic();
    const bytes = (await physical.get('core/hsm/barrier-unseal-keys'))!.slice();
    bytes[5]! ^= 1;
    await physical.put('core/hsm/barrier-unseal-keys', bytes);
    await expect(managerOver(physical, 'static').tryStoredKeys()).rejects.toThrow(
      'fetching stored unseal keys failed: invalid key: failed to decrypt keys from storage: ' +
        'failed to open ciphertext: cipher: message authentication failed',
    );
  });
});

describe('a new key in the configuration of a static seal', () => {
  const next = { currentKey: '01'.repeat(32), currentKeyId: 'k2', previousKey: staticKey, previousKeyId: 'k1' };

  it('takes over at the next post-unseal', async () => {
    const { physical } = await openStatic();
    const runtime = testRuntime();
    const both = new SealManager(new Barrier(runtime, physical), new StaticWrapper(runtime, next));
    await both.tryStoredKeys();
    await both.upgradeKeys();
    const { currentKey, currentKeyId } = next;
    const alone = new SealManager(
      new Barrier(runtime, physical),
      new StaticWrapper(runtime, { currentKey, currentKeyId }),
    );
    expect(await alone.tryStoredKeys()).toBe(true);
    expect(await alone.seal.recoveryKey()).toHaveLength(32);
  });

  it('does not where there is no recovery key, as upstream', async () => {
    const { physical } = await openStatic(0, 0);
    const runtime = testRuntime();
    const both = new SealManager(new Barrier(runtime, physical), new StaticWrapper(runtime, next));
    const before = await physical.get('core/hsm/barrier-unseal-keys');
    await both.tryStoredKeys();
    await both.upgradeKeys();
    expect(await physical.get('core/hsm/barrier-unseal-keys')).toBe(before);
  });
});

describe('rotation of the encryption key', () => {
  it('leaves the way for standbys until the grace period is over', async () => {
    const runtime = testRuntime();
    const timers: { delay: number; run: () => void; cancelled: boolean }[] = [];
    const clock = {
      ...runtime.clock,
      after(delay: number, run: () => void) {
        const timer = { delay, run, cancelled: false };
        timers.push(timer);
        return { cancel: () => void (timer.cancelled = true) };
      },
    };
    const physical = new InmemStorage();
    const manager = managerOver(physical, 'static', Object.create(runtime, { clock: { value: clock } }) as TestRuntime);
    await manager.initialise(initParameters(), noSteps);
    await manager.tryStoredKeys();
    const scope = new Scope();
    expect(await manager.rotateKey({ ha: true, scope })).toBe(2);
    expect(await physical.list('core/upgrade/')).toEqual(['1']);
    expect(timers.map(({ delay }) => delay)).toEqual([120_000_000]);
    timers[0]!.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await physical.list('core/upgrade/')).toEqual([]);
    await manager.rotateKey({ ha: true, scope });
    scope.cancel();
    expect(timers[1]!.cancelled).toBe(true);
  });

  it('lets a standby that was looking away take over with the keys of today', async () => {
    const { physical, manager, shares } = await openShamir();
    const standby = managerOver(physical, 'shamir', testRuntime(7));
    for (const share of shares.slice(0, 3)) await standby.submitShare(share);
    const wanted = { shares: 1, threshold: 1, pgpKeys: [], backup: false, requireVerification: false };
    await manager.rootRotation.start(wanted);
    const status = await manager.rootRotation.status();
    const nonce = status.started ? status.nonce : '';
    for (const share of shares.slice(0, 3)) await manager.rootRotation.update(share, nonce);
    for (let i = 0; i < 2; i++) await manager.rotateKey({ ha: true, scope: new Scope() });
    await manager.rotateRoot();
    await manager.barrier.put('a', encodeUtf8('after'));
    await standby.refresh();
    expect(await standby.status()).toMatchObject({ threshold: 1, shares: 1 });
    expect(await standby.seal.storedKeys()).toEqual([manager.barrier.keyring.rootKey]);
    expect(standby.barrier.keyring).toEqual(manager.barrier.keyring);
    expect(decodeUtf8((await standby.barrier.get('a'))!)).toBe('after');
  });
});

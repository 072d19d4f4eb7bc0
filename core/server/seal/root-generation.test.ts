import { describe, expect, it } from 'vitest';
import { decodeBase64Raw } from '../../codec/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { Fault } from '../../fault.ts';
import { foreign, openShamir, openStatic } from './seal.fixture.ts';

const bare = (message: string) => new Fault('error', message);
const token = 's.4PBwGhjsOgKUcGTnHWgMc9kq';
const makeToken = async () => token;

async function started(manager: Awaited<ReturnType<typeof openShamir>>['manager'], otp?: string) {
  const made = await manager.rootGeneration.start(otp);
  const status = await manager.rootGeneration.status();
  return { otp: made, nonce: status.started ? status.nonce : '' };
}

describe('generating a root token', () => {
  it('hands it out under a one-time pad that only the first answer shows', async () => {
    const { manager, shares } = await openShamir(3, 2);
    const generation = manager.rootGeneration;
    expect(await generation.status()).toEqual({ started: false, required: 2, otpLength: 26 });
    const { otp, nonce } = await started(manager);
    expect(otp).toMatch(/^[0-9A-Za-z]{26}$/);
    expect(await generation.update(shares[2]!, nonce, makeToken)).toEqual({
      nonce,
      progress: 1,
      required: 2,
      encodedToken: '',
      fingerprint: '',
    });
    const { encodedToken, progress } = await generation.update(shares[0]!, nonce, makeToken);
    expect(progress).toBe(2);
    const pad = encodeUtf8(otp);
    expect(decodeUtf8(decodeBase64Raw(encodedToken).map((byte, i) => byte ^ pad[i]!))).toBe(token);
    expect(await generation.status()).toMatchObject({ started: false });
  });

  it('takes a pad of the right length, and one attempt at a time', async () => {
    const { manager } = await openShamir(1, 1);
    await expect(manager.rootGeneration.start('short')).rejects.toEqual(
      new Fault('response', 'OTP string has incorrect length'),
    );
    expect(await manager.rootGeneration.start('!'.repeat(26))).toBe('');
    await expect(manager.rootGeneration.start()).rejects.toEqual(
      new Fault('response', 'root generation already in progress for this namespace'),
    );
    manager.rootGeneration.cancel();
    await expect(manager.rootGeneration.start()).resolves.toHaveLength(26);
  });

  it('refuses shares out of turn, and survives wrong ones', async () => {
    const { manager, shares } = await openShamir(3, 2);
    const give = (share: Uint8Array, nonce: string) => expect(manager.rootGeneration.update(share, nonce, makeToken));
    await give(shares[0]!, 'x').rejects.toEqual(bare('no root generation in progress'));
    const { nonce } = await started(manager);
    await give(foreign(1), nonce).rejects.toThrow('invalid key: key is shorter than minimum 16 bytes');
    await give(shares[0]!, 'x').rejects.toEqual(
      bare(`incorrect nonce supplied; nonce for this root generation operation is "${nonce}"`),
    );
    await give(shares[0]!, nonce).resolves.toMatchObject({ progress: 1 });
    await give(shares[0]!, nonce).rejects.toEqual(
      bare('given key has already been provided during this generation operation'),
    );
    await give(foreign(), nonce).rejects.toEqual(
      bare(
        'root generation aborted: unable to authenticate: unable to retrieve stored keys: invalid key: ' +
          'failed to decrypt keys from storage: cipher: message authentication failed',
      ),
    );
    expect(await manager.rootGeneration.status()).toMatchObject({ started: true, nonce, progress: 0 });
    await give(shares[0]!, nonce).resolves.toMatchObject({ progress: 1 });
    await give(foreign(32), nonce).rejects.toEqual(
      bare('failed to compute root key: all parts must be the same length'),
    );
    await give(shares[0]!, nonce).resolves.toMatchObject({ progress: 1 });
    await give(shares[1]!, nonce).resolves.toMatchObject({ progress: 2 });
  });

  it('asks the holders of recovery shares on a static seal', async () => {
    const { manager, shares } = await openStatic();
    const { nonce } = await started(manager);
    await manager.rootGeneration.update(shares[0]!, nonce, makeToken);
    await expect(manager.rootGeneration.update(foreign(), nonce, makeToken)).rejects.toEqual(
      bare(
        'root generation aborted: unable to authenticate: recovery key verification failed: ' +
          'recovery key does not match submitted values',
      ),
    );
    await manager.rootGeneration.update(shares[0]!, nonce, makeToken);
    const done = await manager.rootGeneration.update(shares[1]!, nonce, makeToken);
    expect(done.encodedToken).not.toBe('');
  });
});

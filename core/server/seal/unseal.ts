/** Bringing the shares together on a sealed node, one request after the other. */
import { makeUuid } from '../../codec/uuid.ts';
import { joinKey } from '../../crypto/shamir.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { Seal } from './seal.ts';
import type { SealConfig } from './seal-config.ts';
import { alreadyGiven, InvalidKey } from './share.ts';

/** Kept in memory only; a restart forgets it. */
export class UnsealProgress {
  readonly #runtime: Runtime;
  #shares: Uint8Array[] = [];
  #nonce = '';

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get count(): number {
    return this.#shares.length;
  }

  /** '' until the first share. */
  get nonce(): string {
    return this.#nonce;
  }

  reset(): void {
    this.#shares = [];
    this.#nonce = '';
  }

  /** Undefined while shares are missing, and for a share given twice, which does not count. */
  add(share: Uint8Array, config: Pick<SealConfig, 'threshold'>): Uint8Array | undefined {
    if (alreadyGiven(this.#shares, share)) return undefined;
    if (this.#shares.length === 0) this.#nonce = makeUuid((length) => this.#runtime.random.bytes(length));
    this.#shares.push(share);
    if (this.#shares.length < config.threshold) return undefined;
    const shares = this.#shares;
    this.reset();
    try {
      return joinKey(shares, config.threshold);
    } catch (error) {
      throw new InvalidKey(`failed to compute combined key: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** From the combined shares to the root key: an unseal key decrypts it, a recovery key is proof of authority. */
export async function unsealKeyToRootKey(seal: Seal, combined: Uint8Array): Promise<Uint8Array> {
  if (seal.auto) {
    try {
      await seal.verifyRecoveryKey(combined);
    } catch (error) {
      throw adding('recovery key verification failed', error);
    }
  }
  const opened = seal.auto ? seal : withCombined(seal, combined);
  let keys: Uint8Array[];
  try {
    keys = await opened.storedKeys();
  } catch (error) {
    throw adding('unable to retrieve stored keys', error);
  }
  if (keys.length !== 1) throw failure('expected exactly one stored key');
  return keys[0]!;
}

function withCombined(seal: Seal, combined: Uint8Array): Seal {
  try {
    return seal.withKey(combined);
  } catch (error) {
    throw new InvalidKey(`failed to setup unseal key: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Keeps an InvalidKey recognisable behind more text. */
function adding(doing: string, error: unknown): Error {
  const message = `${doing}: ${error instanceof Error ? error.message : String(error)}`;
  if (!(error instanceof InvalidKey)) return failure(message);
  const invalid = new InvalidKey(error.reason);
  invalid.message = message;
  return invalid;
}

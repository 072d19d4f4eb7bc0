/** The barrier's beginning and end: making it, opening it with the root key, closing it, reading it anew. */
import { AuthenticationFailed } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { assert } from '../../assert.ts';
import { BarrierSealed, keyringPath, type Barrier } from './barrier.ts';
import { entryTerm, hasTerm, openEntry } from './entry.ts';
import { Keyring, parseKey, serialiseKey, zeroTime, type TermKey } from './keyring.ts';

const rootKeyPath = 'core/root-key';
/** Before it was renamed; still read, and removed whenever the keyring is written. */
const legacyRootKeyPath = 'core/master';
const shamirKekPath = 'core/shamir-kek';

/** The keyring is encrypted under the root key, which has no term: its entry says 1 whatever the active term is. */
const keyringTerm = 1;

export const keyBytes = 32;

/** A fresh root or term key. */
export const generateKey = (barrier: Barrier): Uint8Array => barrier.runtime.random.bytes(keyBytes);

export async function isInitialised(barrier: Barrier): Promise<boolean> {
  return (await barrier.physical.get(barrier.prefix + keyringPath)) !== undefined;
}

/** Writes the first keyring and, where the seal is Shamir's, its key-encryption key. The barrier stays sealed. */
export async function initialiseBarrier(barrier: Barrier, rootKey: Uint8Array, shamirKek?: Uint8Array): Promise<void> {
  checkKeyLength(rootKey);
  if (await isInitialised(barrier)) throw failure('Vault is already initialized');
  const keyring = new Keyring(rootKey).withKey(newTermKey(barrier, 1));
  await persistKeyring(barrier, keyring);
  if (shamirKek === undefined) return;
  const path = barrier.prefix + shamirKekPath;
  const cipher = barrier.runtime.crypto.aesGcm(keyring.activeKey.value);
  await barrier.physical.put(path, barrier.sealWith(cipher, 1, 1, path, shamirKek));
}

/** Does nothing on an open barrier. Throws 'Unseal failed, invalid key' for another key. */
export async function unsealBarrier(barrier: Barrier, rootKey: Uint8Array): Promise<void> {
  if (!barrier.sealed) return;
  await barrier.exclusively(async () => {
    if (!barrier.sealed) return;
    barrier.install(await readKeyring(barrier, rootKey, 'Vault is not initialized'));
  });
}

export function sealBarrier(barrier: Barrier): void {
  barrier.install(undefined);
}

/** Whether `rootKey` is the one in use. Throws BarrierSealed. */
export const isRootKey = (barrier: Barrier, rootKey: Uint8Array): boolean =>
  barrier.runtime.crypto.equal(rootKey, barrier.keyring.rootKey);

/** What a new active node does, and a standby when it hears of a change: reads the keyring under the known root key. */
export async function reloadKeyring(barrier: Barrier): Promise<void> {
  await barrier.exclusively(async () => {
    const keyring = await readKeyring(barrier, barrier.keyring.rootKey, 'keyring unexpectedly missing');
    if (barrier.sealed) throw new BarrierSealed();
    // The counts were another leader's business meanwhile.
    barrier.count(-barrier.unaccounted);
    barrier.install(keyring);
  });
}

/** Follows a change of the root key made by the active node; a missing entry is no error. */
export async function reloadRootKey(barrier: Barrier): Promise<void> {
  await barrier.exclusively(async () => {
    const read = (path: string) => barrier.getWithin(barrier.physical, barrier.prefix + path);
    const stored = (await read(rootKeyPath)) ?? (await read(legacyRootKeyPath));
    if (stored === undefined) return;
    const { value } = parseKey(stored);
    if (!barrier.runtime.crypto.equal(value, barrier.keyring.rootKey)) {
      barrier.install(barrier.keyring.withRootKey(value));
    }
  });
}

/** Another root key for the same keys, written and taken into use. */
export async function rotateRootKey(barrier: Barrier, rootKey: Uint8Array): Promise<void> {
  await barrier.exclusively(async () => {
    checkKeyLength(rootKey);
    const keyring = barrier.keyring.withRootKey(rootKey);
    await persistKeyring(barrier, keyring);
    if (barrier.sealed) throw new BarrierSealed();
    barrier.install(keyring);
  });
}

/** Stores the key that the Shamir shares make, for root rotations that keep the shares. */
export const writeShamirKek = (barrier: Barrier, kek: Uint8Array): Promise<void> =>
  barrier.put(barrier.prefix + shamirKekPath, kek);

export const readShamirKek = (barrier: Barrier): Promise<Uint8Array | undefined> =>
  barrier.get(barrier.prefix + shamirKekPath);

/**
 * Three writes, not one: the keyring under the root key, the root key under the newest term, the legacy entry away.
 * A crash in between leaves what upstream leaves.
 */
export async function persistKeyring(barrier: Barrier, keyring: Keyring): Promise<void> {
  const { physical, prefix, runtime } = barrier;
  const path = prefix + keyringPath;
  const rootCipher = runtime.crypto.aesGcm(keyring.rootKey);
  await wrapped('failed to persist keyring', () =>
    physical.put(path, barrier.sealWith(rootCipher, keyringTerm, 0, path, keyring.serialise())),
  );
  const { activeKey } = keyring;
  const root: TermKey = { term: 1, version: 1, value: keyring.rootKey, installTime: zeroTime, encryptions: 0 };
  const rootPath = prefix + rootKeyPath;
  const cipher = runtime.crypto.aesGcm(activeKey.value);
  barrier.count(1);
  await wrapped('failed to persist root key', () =>
    physical.put(rootPath, barrier.sealWith(cipher, activeKey.term, activeKey.term, rootPath, serialiseKey(root))),
  );
  await wrapped('failed to remove legacy root key path', () => physical.delete(prefix + legacyRootKeyPath));
}

/** A key for a term, installed now. */
export const newTermKey = (barrier: Barrier, term: number): TermKey => ({
  term,
  version: 1,
  value: generateKey(barrier),
  installTime: formatRfc3339(barrier.runtime.clock.wall()),
  encryptions: 0,
});

async function readKeyring(barrier: Barrier, rootKey: Uint8Array, missing: string): Promise<Keyring> {
  checkKeyLength(rootKey);
  const path = barrier.prefix + keyringPath;
  const entry = await barrier.physical.get(path);
  if (entry === undefined) throw failure(missing);
  if (!hasTerm(entry) || entryTerm(entry) !== keyringTerm) throw failure('term mis-match');
  let plaintext: Uint8Array;
  try {
    plaintext = openEntry(barrier.runtime.crypto.aesGcm(rootKey), path, entry);
  } catch (error) {
    if (error instanceof AuthenticationFailed) throw failure('Unseal failed, invalid key');
    throw error;
  }
  const keyring = Keyring.parse(plaintext);
  assert(keyring.activeTerm > 0, 'a stored keyring has a key');
  return keyring;
}

function checkKeyLength(key: Uint8Array): void {
  if (key.length < 16 || key.length > keyBytes) throw failure(`key size must be 16 or ${keyBytes}`);
}

/** Adds what was being done to a failure of the storage below, keeping what the request path looks for. */
async function wrapped(doing: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof Error && error.constructor === Error)
      throw new Error(`${doing}: ${error.message}`, { cause: error });
    throw error;
  }
}

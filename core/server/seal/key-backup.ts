/** The encrypted shares of a rotation, kept in case that a holder loses theirs. */
import { asString, asStrings } from '../../codec/json-fields.ts';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject, parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Storage } from '../../storage/storage.ts';

export interface KeyBackup {
  readonly nonce: string;
  /** By the fingerprint of the key they are for. */
  readonly keys: ReadonlyMap<string, readonly Uint8Array[]>;
}

const keyOf = (recovery: boolean): string => `core/${recovery ? 'recovery' : 'unseal'}-keys-backup`;

export async function storeBackup(
  barrier: Storage,
  recovery: boolean,
  nonce: string,
  shares: readonly Uint8Array[],
  fingerprints: readonly string[],
): Promise<void> {
  const keys: Record<string, string[]> = {};
  for (const [i, fingerprint] of fingerprints.entries()) (keys[fingerprint] ??= []).push(encodeHex(shares[i]!));
  const row = new Map<string, JsonValue>([
    ['nonce', nonce],
    ['keys', keys],
  ]);
  await barrier.put(keyOf(recovery), encodeUtf8(print(row)));
}

export async function readBackup(barrier: Storage, recovery: boolean): Promise<KeyBackup | undefined> {
  const stored = await barrier.get(keyOf(recovery));
  if (stored === undefined) return undefined;
  const row = parseObject(stored);
  const keys = new Map<string, Uint8Array[]>();
  const fields = isObject(row['keys']) ? row['keys'] : {};
  for (const [fingerprint, shares] of Object.entries(fields))
    keys.set(fingerprint, (asStrings(shares) ?? []).map(decodeHex));
  return { nonce: asString(row['nonce']) ?? '', keys };
}

export const dropBackup = (barrier: Storage, recovery: boolean): Promise<void> => barrier.delete(keyOf(recovery));

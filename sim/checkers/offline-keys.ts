/** Opens a store with what an operator holds, its shares or the static seal's key, and no server. */
import { decodeBase64 } from '../../core/codec/base64.ts';
import { asStrings } from '../../core/codec/json-fields.ts';
import { parse } from '../../core/codec/json.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import { joinKey } from '../../core/crypto/shamir.ts';
import { parseBlob, type SealedBlob } from '../../core/server/seal/blob.ts';
import { keyringPath } from '../../core/storage/barrier/barrier.ts';
import { nonceBytes, openEntry } from '../../core/storage/barrier/entry.ts';
import { Keyring } from '../../core/storage/barrier/keyring.ts';

/** What unseals a cluster. */
export type Unsealing =
  | { readonly type: 'static'; readonly key: Uint8Array }
  | { readonly type: 'shamir'; readonly shares: readonly Uint8Array[]; readonly threshold: number }
  | { readonly type: 'service'; decrypt(ciphertext: string): Uint8Array };

export type ReadPhysical = (key: string) => Uint8Array | undefined;

const storedKeysPath = 'core/hsm/barrier-unseal-keys';

/**
 * Undefined when the store has never been initialised. Throws when none of these opens it. `prefix` is that of a
 * namespace with a seal of its own.
 */
export function openKeyring(
  crypto: Crypto,
  read: ReadPhysical,
  candidates: readonly Unsealing[],
  prefix = '',
): Keyring | undefined {
  const stored = read(prefix + storedKeysPath);
  const keyring = read(prefix + keyringPath);
  if (stored === undefined || keyring === undefined) return undefined;
  const rootKey = decodeBase64(asStrings(parse(openStoredKeys(crypto, parseBlob(stored), candidates)))![0]!);
  return Keyring.parse(openEntry(crypto.aesGcm(rootKey), prefix + keyringPath, keyring));
}

function openStoredKeys(crypto: Crypto, blob: SealedBlob, candidates: readonly Unsealing[]): Uint8Array {
  let refusal: unknown = new Error('there is nothing to open it with');
  for (const unsealing of candidates) {
    try {
      return openBlob(crypto, blob, unsealing);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function openBlob(crypto: Crypto, { ciphertext, iv }: SealedBlob, unsealing: Unsealing): Uint8Array {
  switch (unsealing.type) {
    case 'static':
      return crypto.aesGcm(unsealing.key).open(iv, ciphertext);
    case 'service':
      return unsealing.decrypt(decodeUtf8(ciphertext));
    case 'shamir': {
      const key = joinKey(unsealing.shares.slice(0, unsealing.threshold), unsealing.threshold);
      return crypto.aesGcm(key).open(ciphertext.subarray(0, nonceBytes), ciphertext.subarray(nonceBytes));
    }
  }
}

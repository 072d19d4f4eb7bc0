/** Opens a store with what an operator holds, its shares or the static seal's key, and no server. */
import { decodeBase64 } from '../../core/codec/base64.ts';
import { asStrings } from '../../core/codec/json-fields.ts';
import { parse } from '../../core/codec/json.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import { joinKey } from '../../core/crypto/shamir.ts';
import { parseBlob } from '../../core/server/seal/blob.ts';
import { keyringPath } from '../../core/storage/barrier/barrier.ts';
import { nonceBytes, openEntry } from '../../core/storage/barrier/entry.ts';
import { Keyring } from '../../core/storage/barrier/keyring.ts';

/** What unseals a cluster. */
export type Unsealing =
  | { readonly type: 'static'; readonly key: Uint8Array }
  | { readonly type: 'shamir'; readonly shares: readonly Uint8Array[]; readonly threshold: number };

export type ReadPhysical = (key: string) => Uint8Array | undefined;

const storedKeysPath = 'core/hsm/barrier-unseal-keys';

/** Undefined when the store has never been initialised. Throws when these keys do not open it. */
export function openKeyring(crypto: Crypto, read: ReadPhysical, unsealing: Unsealing): Keyring | undefined {
  const stored = read(storedKeysPath);
  const keyring = read(keyringPath);
  if (stored === undefined || keyring === undefined) return undefined;
  const { ciphertext, iv } = parseBlob(stored);
  const plaintext =
    unsealing.type === 'static'
      ? crypto.aesGcm(unsealing.key).open(iv, ciphertext)
      : crypto
          .aesGcm(joinKey(unsealing.shares.slice(0, unsealing.threshold), unsealing.threshold))
          .open(ciphertext.subarray(0, nonceBytes), ciphertext.subarray(nonceBytes));
  const rootKey = decodeBase64(asStrings(parse(plaintext))![0]!);
  return Keyring.parse(openEntry(crypto.aesGcm(rootKey), keyringPath, keyring));
}

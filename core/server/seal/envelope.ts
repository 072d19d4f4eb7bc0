/** Envelope encryption: a fresh key for every plaintext, and only that key goes to the service (go-kms-wrapping). */
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { nonceBytes } from '../../storage/barrier/entry.ts';
import type { SealedBlob } from './blob.ts';

const KEY_BYTES = 32;

/** `wrap` has the service encrypt the fresh key, and gives what came back with the id of the key that did. */
export async function sealEnvelope(
  { crypto, random }: Runtime,
  plaintext: Uint8Array,
  mechanism: number,
  wrap: (key: Uint8Array) => Promise<{ readonly wrappedKey: Uint8Array; readonly keyId: string }>,
): Promise<SealedBlob> {
  const key = random.bytes(KEY_BYTES);
  const iv = random.bytes(nonceBytes);
  const ciphertext = crypto.aesGcm(key).seal(iv, plaintext);
  const { wrappedKey, keyId } = await wrap(key);
  return { ciphertext, iv, keyId, envelope: { wrappedKey, mechanism } };
}

export async function openEnvelope(
  { crypto }: Runtime,
  { ciphertext, iv, envelope }: SealedBlob,
  unwrap: (wrappedKey: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (envelope === undefined) throw failure('key info is nil');
  return crypto.aesGcm(await unwrap(envelope.wrappedKey)).open(iv, ciphertext);
}

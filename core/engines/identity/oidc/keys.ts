/** The life of OIDC's keys: made, rotated, expired, read to sign. */
import type { JsonObject } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import { makeUuid } from '../../../codec/uuid.ts';
import { ECDSA_ENTROPY } from '../../../crypto/crypto.ts';
import { JWS_ALGORITHMS } from '../../../crypto/jws/algorithm.ts';
import type { Jwk } from '../../../crypto/jws/secret-jwk.ts';
import { makeJwk, publicJwk, signerOf } from '../../../crypto/jws/secret-jwk.ts';
import { jwsSign } from '../../../crypto/jws/sign.ts';
import type { Store } from '../../../framework/collection.ts';
import type { Micros, Runtime } from '../../../runtime.ts';
import { HOUR } from '../../../runtime.ts';
import type { IdentityRunning } from '../fields.ts';
import type { identityStore, IdentityState } from '../state.ts';
import type { NamedKey } from './key-store.ts';

export const DEFAULT_KEY = 'default';

/** Tokens are signed with these; PSS is only verified elsewhere. */
export const SIGNING_ALGORITHMS = JWS_ALGORITHMS.filter((name) => !name.startsWith('PS'));

/** What keys live on: a call, or the mount itself. */
export interface KeyPlace {
  readonly store: Store<typeof identityStore>;
  readonly runtime: Runtime;
  readonly state: IdentityState;
}

export const placeOf = ({ store, state, context }: IdentityRunning): KeyPlace => ({
  store,
  state,
  runtime: context.runtime,
});

/** The default key before its first use. */
export const unusedDefaultKey = (now: Micros): NamedKey => ({
  algorithm: 'RS256',
  verificationTtl: 24 * HOUR,
  rotationPeriod: 24 * HOUR,
  ring: [],
  signing: undefined,
  next: undefined,
  nextRotation: now + 24 * HOUR,
  allowedClientIds: ['*'],
});

/** A new pair of keys; the public one is stored and joins the ring. */
async function addKey(key: NamedKey, place: KeyPlace): Promise<{ readonly key: NamedKey; readonly jwk: Jwk }> {
  const id = makeUuid((length) => place.runtime.random.bytes(length));
  const jwk = await makeJwk(key.algorithm, id, place.runtime);
  await place.store.publicKeys.put(id, publicJwk(jwk));
  return { key: { ...key, ring: [...key.ring, { id, expireAt: 0 }] }, jwk };
}

function tellGenerated({ runtime }: KeyPlace, what: string, { kid }: Jwk): void {
  runtime.log.write('debug', 'core', `generated OIDC public key ${what}`, { key_id: kid });
}

/** A signing key and the one after it, made at once so that verifiers learn of it in time. */
export async function withNewKeys(key: NamedKey, place: KeyPlace): Promise<NamedKey> {
  const first = await addKey(key, place);
  tellGenerated(place, 'to sign JWTs', first.jwk);
  const second = await addKey(first.key, place);
  tellGenerated(place, 'for future use', second.jwk);
  return { ...second.key, signing: first.jwk, next: second.jwk };
}

/** Stores the key with the next signing key in use; the old one verifies for `verificationTtl` more. */
export async function rotateKey(
  name: string,
  key: NamedKey,
  verificationTtl: Micros,
  place: KeyPlace,
): Promise<NamedKey> {
  const now = place.runtime.clock.wall();
  const old = key.signing?.['kid'];
  const ring = key.ring.map((entry) => (entry.id === old ? { ...entry, expireAt: now + verificationTtl } : entry));
  let rotated: NamedKey = { ...key, ring };
  let { next } = rotated;
  if (next === undefined) {
    const made = await addKey(rotated, place);
    rotated = made.key;
    next = made.jwk;
  }
  const following = await addKey({ ...rotated, signing: next, nextRotation: now + key.rotationPeriod }, place);
  tellGenerated(place, 'for future use', following.jwk);
  rotated = { ...following.key, next: following.jwk };
  await place.store.namedKeys.put(name, rotated);
  place.state.nextRun = 0;
  return rotated;
}

/** The default key gets its keys when a role or client first refers to it. */
export async function prepareDefaultKey(name: string, place: KeyPlace): Promise<void> {
  if (name !== DEFAULT_KEY) return;
  const key = await place.store.namedKeys.get(name);
  if (key === undefined || key.signing !== undefined) return;
  const made = await withNewKeys(key, place);
  await place.store.namedKeys.put(name, { ...made, nextRotation: place.runtime.clock.wall() + key.rotationPeriod });
  place.state.nextRun = 0;
}

/** A token with the claims. */
export function signed(jwk: Jwk, claims: JsonObject, { state, runtime }: KeyPlace): string {
  const kid = asString(jwk['kid']) ?? '';
  let signer = state.signers.get(kid);
  if (signer === undefined) {
    signer = signerOf(jwk);
    state.signers.set(kid, signer);
  }
  const { crypto, random } = runtime;
  return jwsSign(crypto, signer.key, { alg: signer.alg, kid }, claims, random.bytes(ECDSA_ENTROPY));
}

/** The public keys of named keys, ring by ring. */
export async function publicKeysOf(names: Iterable<string>, store: KeyPlace['store']): Promise<Jwk[]> {
  const found: Jwk[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    for (const { id } of (await store.namedKeys.get(name))?.ring ?? []) {
      const jwk = seen.has(id) ? undefined : await store.publicKeys.get(id);
      seen.add(id);
      if (jwk !== undefined) found.push(jwk);
    }
  }
  return found;
}

/** Once a minute: what is due is rotated, what no longer verifies is thrown away. */
export async function tendKeys(place: KeyPlace): Promise<void> {
  const { store, state } = place;
  const now = place.runtime.clock.wall();
  if (state.nextRun > now) return;
  let nextRun = now + 24 * HOUR;
  const used = new Set<string>();
  for (const name of await store.namedKeys.list()) {
    let key = await store.namedKeys.get(name);
    if (key === undefined) continue;
    if (key.nextRotation < now) key = await rotateKey(name, key, key.verificationTtl, place);
    const ring = key.ring.filter(({ expireAt }) => expireAt === 0 || expireAt > now);
    if (ring.length < key.ring.length) await store.namedKeys.put(name, { ...key, ring });
    for (const { id, expireAt } of ring) {
      used.add(id);
      if (expireAt !== 0) nextRun = Math.min(nextRun, expireAt);
    }
    nextRun = Math.min(nextRun, key.nextRotation);
  }
  for (const id of await store.publicKeys.list()) {
    if (used.has(id)) continue;
    await store.publicKeys.delete(id);
    state.signers.delete(id);
  }
  state.nextRun = nextRun;
}

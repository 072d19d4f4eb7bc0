/**
 * Revocation lists: one for all issuers that share a key and a name, whole and delta. What is revoked by an issuer that
 * is not here any more stands on the default issuer's list.
 */
import { equalBytes } from '../../codec/bytes.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import { deltaIndicator, makeRevocationList, type RevokedEntry } from '../../crypto/x509/revocation-list.ts';
import type { Runtime } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { failure, Fault } from '../../fault.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { AiaError, NO_URLS_TOLD, urlsOfIssuer } from './aia.ts';
import { certificateOf, hasUsage } from './authority.ts';
import { NoSigner, signedOr } from './external-keys.ts';
import { freshest } from './issuance.ts';
import type { CrlConfig, CrlState, Issuer } from './model.ts';
import type { PkiState } from './state.ts';
import type { PkiStore } from './store.ts';

const WAL = 'delta-wal/';
/** How a mount remembers which revocation was last, and which the last delta had. */
const LAST_REVOKED = 'last-revoked-serial';
const LAST_BUILT = 'last-build-serial';

/** DER of a list; `delta`: of the one that goes with it. */
const listKey = (id: string, delta: boolean): string => `crls/${id}${delta ? '-delta' : ''}`;

interface Known {
  readonly issuer: Issuer;
  readonly certificate: Certificate;
}

/** Issuers with the same key and name. */
interface Group {
  readonly members: readonly Known[];
  readonly revoked: RevokedEntry[];
}

const NO_SIGNER =
  'warning from local CRL rebuild: Issuer equivalency set with associated keys lacked an issuer with CRL Signing KeyUsage; refusing to rebuild CRL for this group of issuers: ';

const parsedOnce = (issuer: Issuer): Known => ({ issuer, certificate: certificateOf(issuer) });

function grouped(known: readonly Known[]): Group[] {
  const groups = new Map<string, Known[]>();
  for (const one of known) {
    const key = `${one.issuer.keyId}/${encodeHex(one.certificate.rawSubject)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((members) => ({ members, revoked: [] }));
}

export class CrlBuilder {
  readonly #state: PkiState;
  readonly #runtime: Runtime;

  constructor(state: PkiState) {
    this.#state = state;
    this.#runtime = state.context.runtime;
  }

  /** Whole lists and their deltas. `force`: even where lists are switched off. Gives warnings. */
  rebuild(store: PkiStore, force: boolean): Promise<string[]> {
    return this.#state.crlLock.run(async () => {
      this.#state.crlOutdated = false;
      const config = await store.crlConfig();
      if (config.disable && !force) return [];
      const before = await store.storage.list(WAL);
      const warnings = await this.#build(store, config, false, undefined);
      for (const name of before) {
        if (name !== LAST_BUILT && name !== LAST_REVOKED) await store.storage.delete(WAL + name);
      }
      await this.#build(store, config, true, []);
      return warnings.map((warning, i) => `Warning ${i + 1} during CRL rebuild: ${warning}`);
    });
  }

  /** Before somebody reads a list that is outdated. */
  async rebuildIfOutdated(store: PkiStore): Promise<void> {
    if (this.#state.crlOutdated) await this.rebuild(store, true);
  }

  /** `force`: whatever the interval says. */
  async rebuildDelta(store: PkiStore, force: boolean): Promise<void> {
    const config = await store.crlConfig();
    if (!config.enableDelta) return;
    const now = this.#runtime.clock.wall();
    if (!force && now < this.#state.lastDeltaCheck + toMicros(config.deltaRebuildInterval)) return;
    await this.#state.crlLock.run(async () => {
      this.#state.lastDeltaCheck = now;
      const names = await store.storage.list(WAL);
      const [last, built] = await Promise.all([
        store.storage.get(WAL + LAST_REVOKED),
        store.storage.get(WAL + LAST_BUILT),
      ]);
      if (!force && (last === undefined || (built !== undefined && equalBytes(last, built)))) return;
      const serials = names.filter((name) => name !== LAST_BUILT && name !== LAST_REVOKED);
      await this.#build(store, config, true, serials);
      if (last !== undefined) await store.storage.put(WAL + LAST_BUILT, last);
    });
  }

  /** Remembers a revocation for the next delta. */
  async noteForDelta(store: PkiStore, storedSerial: string): Promise<void> {
    await store.storage.put(WAL + storedSerial, encodeUtf8('{}\n'));
    await store.storage.put(WAL + LAST_REVOKED, encodeUtf8(`${storedSerial}\n`));
  }

  /** Every minute: lists that end soon are made anew, and deltas as often as asked. */
  async periodic(store: PkiStore): Promise<void> {
    const config = await store.crlConfig();
    if (config.autoRebuild && !config.disable) {
      const { expirations } = await store.crlState();
      const grace = toMicros(config.autoRebuildGracePeriod);
      const now = this.#runtime.clock.wall();
      const ends = Object.values(expirations);
      if (ends.length === 0 || ends.some((end) => now > end * SECOND - grace)) this.#state.crlOutdated = true;
    }
    await this.rebuildIfOutdated(store);
    await this.rebuildDelta(store, false);
  }

  /** `only`: stored serials that a delta is about. */
  async #build(
    store: PkiStore,
    config: CrlConfig,
    delta: boolean,
    only: readonly string[] | undefined,
  ): Promise<string[]> {
    const warnings: string[] = [];
    const issuers = await store.allIssuers();
    const known = issuers.map(parsedOnce);
    const groups = grouped(known.filter(({ issuer }) => issuer.keyId !== ''));
    if (!config.disable) {
      await this.#placeRevoked(store, groups, only);
      if (!delta) this.#placeRevokedIssuers(known, groups);
    }
    let state = await store.crlState();
    for (const group of groups) {
      const signer = group.members.find(({ issuer }) => hasUsage(issuer, 'crl-signing'));
      if (signer !== undefined) state = await this.#write(store, group, signer, state, config, delta);
      else warnings.push(NO_SIGNER + group.members.map(({ issuer }) => issuer.id).join(','));
    }
    await store.putCrlState(await this.#pruned(store, state, groups));
    return warnings;
  }

  async #placeRevoked(store: PkiStore, groups: readonly Group[], only: readonly string[] | undefined): Promise<void> {
    const fallback = (await store.issuersConfig()).default;
    for (const name of only ?? (await store.revoked.list())) {
      const revocation = await store.revoked.get(name);
      if (revocation === undefined) continue;
      // Read only where nobody has noted who issued it: a list is made again at each revocation.
      const group =
        groupOf(groups, revocation.issuerId) ??
        this.#signerOf(groups, parseCertificate(revocation.certificate)) ??
        groupOf(groups, fallback);
      group?.revoked.push({
        serial: decodeHex(name.replaceAll('-', '')),
        at: Math.floor(revocation.at / SECOND),
        extensions: [],
      });
    }
  }

  #signerOf(groups: readonly Group[], certificate: Certificate): Group | undefined {
    return groups.find(({ members }) =>
      members.some(
        ({ certificate: issuer }) =>
          equalBytes(issuer.rawSubject, certificate.rawIssuer) &&
          mayHaveSigned(this.#runtime.crypto, issuer, certificate),
      ),
    );
  }

  /** On the lists of those who signed them, but never on their own. */
  #placeRevokedIssuers(known: readonly Known[], groups: readonly Group[]): void {
    for (const { issuer, certificate } of known) {
      if (!issuer.revoked) continue;
      for (const group of groups) {
        if (group.members.some((member) => member.issuer.id === issuer.id)) continue;
        if (this.#signerOf([group], certificate) === undefined) continue;
        if (group.revoked.some(({ serial }) => equalBytes(serial, certificate.serial))) continue;
        group.revoked.push({
          serial: certificate.serial,
          at: Math.floor(issuer.revokedAt / SECOND),
          extensions: [],
        });
      }
    }
  }

  async #write(
    store: PkiStore,
    { members, revoked }: Group,
    { issuer, certificate }: Known,
    state: CrlState,
    config: CrlConfig,
    delta: boolean,
  ): Promise<CrlState> {
    const { crypto, clock, random } = this.#runtime;
    const urls = await orUnbuilt(issuer, urlsOfIssuer(issuer, store));
    const key = (await orUnbuilt(issuer, store.signingKey(issuer.keyId)))!;
    const id =
      members.map((member) => state.lists[member.issuer.id]).find((list) => list !== undefined) ??
      makeUuid((length) => random.bytes(length));
    const number = (state.numbers[id] ?? 0) + 1;
    const now = clock.wall();
    const nextUpdate = Math.floor((now + toMicros(config.expiry)) / SECOND);
    const made = makeRevocationList(
      crypto,
      {
        rawIssuer: certificate.rawSubject,
        authorityKeyId: certificate.subjectKeyId,
        number,
        thisUpdate: Math.floor(now / SECOND),
        nextUpdate,
        revoked,
        extra: delta ? [deltaIndicator(state.lastComplete[id] ?? 0)] : freshest(urls),
      },
      { key, algorithm: issuer.revocationAlgorithm ?? usualAlgorithm(publicKeyOf(crypto, key)) },
      (length) => random.bytes(length),
    );
    const bytes = await orUnbuilt(issuer, signedOr('error creating new CRL', made), '');
    await store.storage.put(listKey(id, delta), bytes);
    return {
      numbers: { ...state.numbers, [id]: number },
      lists: { ...state.lists, ...Object.fromEntries(members.map((member) => [member.issuer.id, id])) },
      expirations: { ...state.expirations, [id]: nextUpdate },
      lastComplete: delta ? state.lastComplete : { ...state.lastComplete, [id]: number },
      lastModified: delta ? state.lastModified : now,
      deltaLastModified: delta ? now : state.deltaLastModified,
    };
  }

  /** Without the lists of issuers that are gone. */
  async #pruned(store: PkiStore, state: CrlState, groups: readonly Group[]): Promise<CrlState> {
    const present = new Set(groups.flatMap(({ members }) => members.map(({ issuer }) => issuer.id)));
    const lists = Object.fromEntries(Object.entries(state.lists).filter(([id]) => present.has(id)));
    const used = new Set(Object.values(lists));
    const gone = [...new Set(Object.values(state.lists))].filter((id) => !used.has(id));
    for (const id of gone) {
      await store.storage.delete(listKey(id, false));
      await store.storage.delete(listKey(id, true));
    }
    const kept = (map: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(map).filter(([id]) => used.has(id)));
    return {
      ...state,
      lists,
      numbers: kept(state.numbers),
      expirations: kept(state.expirations),
      lastComplete: kept(state.lastComplete),
    };
  }
}

const groupOf = (groups: readonly Group[], issuerId: string): Group | undefined =>
  groups.find(({ members }) => members.some(({ issuer }) => issuer.id === issuerId));

/** A list was not made because its issuer's URLs cannot be told, or its key, elsewhere, could not be had. */
export class Unbuilt extends Fault {
  constructor(message: string) {
    super('error', message, 500);
  }
}

/** No list is made for an issuer whose URLs cannot be told, or whose key cannot be had. Throws a Fault. */
async function orUnbuilt<T>(issuer: Issuer, part: Promise<T>, what = 'error fetching CA certificate: '): Promise<T> {
  try {
    return await part;
  } catch (error) {
    if (!(error instanceof AiaError) && !(error instanceof Fault)) throw error;
    const why = error instanceof AiaError ? `${NO_URLS_TOLD}: ${error.message}` : error.message;
    const message = `error building CRLs: error building CRLs: unable to build CRL for issuer (${issuer.id}): ${what}${why}`;
    throw error instanceof NoSigner || error instanceof AiaError ? new Unbuilt(message) : failure(message, 500);
  }
}

/** As operations say it that make lists beside what they do. */
export async function building<T>(doing: Promise<T>, what: 'CRL' | 'delta CRL' = 'CRL'): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw failure(`error encountered during ${what} building: ${error.message}`, error.status);
  }
}

/** DER of an issuer's list, or undefined where it has none. */
export async function listOf(store: PkiStore, issuer: Issuer, delta: boolean): Promise<Uint8Array | undefined> {
  const id = (await store.crlState()).lists[issuer.id];
  return id === undefined ? undefined : store.storage.get(listKey(id, delta));
}

import { decodeLease } from '../../core/server/leases/entry.ts';
import { decodeEntry } from '../../core/server/mounts/entry-codec.ts';
import { decodeAccessor, decodeToken } from '../../core/server/tokens/entry.ts';
import { tokenTypeNumber } from '../../core/server/tokens/token-type.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';
import { wrongInKv } from './leftovers-kv.ts';
import { wrongInMounts } from './leftovers-mounts.ts';
import { wrongInTransit } from './leftovers-transit.ts';

const LEASE = 'sys/expire/id/';
/** From the tokens to what they were lent, and from the parents to their children. */
const HELD = 'sys/expire/token/';
const CHILD = /sys\/token\/parent\/([^/]+)\/([^/.]+)/;
const BATCH = tokenTypeNumber('batch');
const TOKEN = 'sys/token/id/';
const ACCESSOR = 'sys/token/accessor/';
const MOUNT = /core\/(local-)?mounts\/[^/]+$/;
/** Characters of a folder that is named after a token's id of the user's choice; its entry does not say so. */
const CHOSEN = 40;
const RESTORE = /^\/v1\/sys\/(storage\/raft\/snapshot|raw\/)/;

interface Lease {
  revoked: boolean;
  /** A node began to write or delete its entry after it was told about last. */
  touched: boolean;
}

/**
 * What lives is stored, what ended is gone: a lease that nobody touched lies on the disk, a revoked one does not, a
 * revoked token left neither entry nor accessor, every cubbyhole has its token, secrets have the versions that they
 * name, mounts and namespaces that are gone left nothing, and the indexes from tokens to what they were lent and to
 * their children say the same as the entries. What a crash cuts short may leave more behind, as upstream, but never
 * what a node said to be done with.
 */
export class NothingIsLeftBehind implements Checker {
  readonly name = 'nothing is left behind';
  readonly #verdicts: Verdicts;
  readonly #crypto: Crypto;
  readonly #leases = new Map<string, Lease>();
  readonly #revokedTokens = new Set<string>();
  /** The same by what their entries were stored under. */
  readonly #revokedNames = new Set<string>();
  /** Somebody put an older state in place, or wrote below the barrier's clients. */
  #rewritten = false;

  constructor(verdicts: Verdicts, crypto: Crypto) {
    this.#verdicts = verdicts;
    this.#crypto = crypto;
  }

  observe({ event }: TraceRecord): void {
    switch (event.kind) {
      case 'lease':
        if (event.what === 'failed') return;
        this.#leases.set(event.id, { revoked: event.what === 'revoked', touched: false });
        return;
      case 'token.revoked':
        this.#revokedTokens.add(event.accessor);
        this.#revokedNames.add(event.name);
        return;
      case 'storage.write': {
        const lease = this.#leases.get(leaseOf(event.key) ?? '');
        if (lease !== undefined) lease.touched = true;
        return;
      }
      case 'http.request':
        if (event.method !== 'GET' && RESTORE.test(event.path)) this.#rewritten = true;
        return;
      default:
    }
  }

  /** The replicas agree on these entries, decrypted. */
  look(now: number, node: string, entries: ReadonlyMap<string, Uint8Array>): void {
    if (this.#rewritten) return;
    const blame = (message: string): void => this.#verdicts.report(this.name, now, `${node}: ${message}`);
    this.#lookForLeases(entries, blame);
    this.#lookForTokens(entries, blame);
    this.#lookForHolders(entries, blame);
    this.#lookForChildren(entries, blame);
    for (const wrong of wrongInKv(entries, this.#crypto)) blame(wrong);
    for (const wrong of wrongInTransit(entries)) blame(wrong);
    for (const wrong of wrongInMounts(entries)) blame(wrong);
  }

  #lookForLeases(entries: ReadonlyMap<string, Uint8Array>, blame: (message: string) => void): void {
    const stored = new Set<string>();
    for (const key of entries.keys()) {
      const id = leaseOf(key);
      if (id !== undefined) stored.add(id);
    }
    for (const [id, { revoked, touched }] of this.#leases) {
      if (touched) continue;
      if (revoked && stored.has(id)) blame(`the lease ${id} was revoked and is still stored`);
      if (!revoked && !stored.has(id)) blame(`the lease ${id} was never revoked and is not stored`);
    }
  }

  /** What a token was lent is in its index until the lease ends, and no longer. */
  #lookForHolders(entries: ReadonlyMap<string, Uint8Array>, blame: (message: string) => void): void {
    const held = new Set<string>();
    for (const [key, value] of entries) {
      if (!key.includes(HELD)) continue;
      const id = decodeUtf8(value);
      held.add(id);
      const lease = this.#leases.get(id);
      if (lease?.revoked === true && !lease.touched) blame(`the lease ${id} was revoked and still counts as held`);
    }
    for (const [key, value] of entries) {
      const id = leaseOf(key);
      const lease = id === undefined ? undefined : this.#leases.get(id);
      if (id === undefined || lease === undefined || lease.revoked || lease.touched || held.has(id)) continue;
      const { secret, clientToken, tokenType } = decodeLease(value);
      // A batch token holds nothing itself.
      if (secret !== undefined && clientToken !== '' && tokenType !== BATCH)
        blame(`the lease ${id} is in the index of no token`);
    }
  }

  /** A revoked token is nobody's child any more, and those that it left are not its children. */
  #lookForChildren(entries: ReadonlyMap<string, Uint8Array>, blame: (message: string) => void): void {
    const parents = new Map<string, string>();
    for (const [key, value] of entries) {
      const at = key.indexOf(TOKEN);
      if (at >= 0) parents.set(key.slice(at + TOKEN.length), decodeToken(value).parent);
    }
    for (const key of entries.keys()) {
      const [, parent = '', child = ''] = CHILD.exec(key) ?? [];
      if (this.#revokedNames.has(child) && !parents.has(child))
        blame(`the revoked token ${child} still counts as a child`);
      else if (this.#revokedNames.has(parent) && parents.get(child) === '')
        blame(`the orphan ${child} still counts as a child of ${parent}, which was revoked`);
    }
  }

  #lookForTokens(entries: ReadonlyMap<string, Uint8Array>, blame: (message: string) => void): void {
    const cubbyholes = new Set<string>();
    const folders = new Set<string>();
    for (const [key, value] of entries) {
      if (key.includes(TOKEN)) {
        const { accessor, cubbyholeId } = decodeToken(value);
        folders.add(cubbyholeId);
        if (this.#revokedTokens.has(accessor)) blame(`the token ${accessor} was revoked and is still stored`);
      } else if (key.includes(ACCESSOR)) {
        const { accessorId } = decodeAccessor(value);
        if (this.#revokedTokens.has(accessorId)) blame(`the accessor ${accessorId} of a revoked token is still stored`);
      } else if (MOUNT.test(key)) {
        const { type, uuid } = decodeEntry(value);
        if (type === 'cubbyhole') cubbyholes.add(uuid);
      }
    }
    for (const key of entries.keys()) {
      const [, uuid = '', folder = ''] = /logical\/([^/]+)\/([^/]+)\//.exec(key) ?? [];
      if (cubbyholes.has(uuid) && folder.length !== CHOSEN && !folders.has(folder))
        blame(`the cubbyhole ${key} belongs to no token`);
    }
  }
}

/** The lease whose entry lies at a key, in whatever namespace. */
function leaseOf(key: string): string | undefined {
  const at = key.indexOf(LEASE);
  return at < 0 ? undefined : key.slice(at + LEASE.length);
}

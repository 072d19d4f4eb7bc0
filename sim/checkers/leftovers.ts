import { decodeEntry } from '../../core/server/mounts/entry-codec.ts';
import { decodeAccessor, decodeToken } from '../../core/server/tokens/entry.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

const LEASE = 'sys/expire/id/';
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
 * revoked token left neither entry nor accessor, and every cubbyhole has its token. What a crash cuts short may leave
 * more behind, as upstream, but never what a node said to be done with.
 */
export class NothingIsLeftBehind implements Checker {
  readonly name = 'nothing is left behind';
  readonly #verdicts: Verdicts;
  readonly #leases = new Map<string, Lease>();
  readonly #revokedTokens = new Set<string>();
  /** Somebody put an older state in place, or wrote below the barrier's clients. */
  #rewritten = false;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ event }: TraceRecord): void {
    switch (event.kind) {
      case 'lease':
        if (event.what === 'failed') return;
        this.#leases.set(event.id, { revoked: event.what === 'revoked', touched: false });
        return;
      case 'token.revoked':
        this.#revokedTokens.add(event.accessor);
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

/**
 * Every simulated disk, read with the cluster switched off: all that should be encrypted opens with the shares or the
 * static key, nothing else lies there in clear, no nonce is there twice, and nothing was written under a key that its
 * writer had replaced before.
 */
import { encodeHex } from '../../core/codec/hex.ts';
import type { AesGcm, Crypto } from '../../core/crypto/crypto.ts';
import { keyringPath } from '../../core/storage/barrier/barrier.ts';
import { entryTerm, hasTerm, nonceBytes, openEntry } from '../../core/storage/barrier/entry.ts';
import type { Keyring } from '../../core/storage/barrier/keyring.ts';
import { StateFile } from '../../core/storage/raft/state.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Aftermath, Checker, Verdicts } from './checker.ts';
import { OfflineDisk } from './offline-disk.ts';
import { openKeyring, type Unsealing } from './offline-keys.ts';
import { wrongInPieces } from './pieces.ts';

/** What lies below the barrier (facts §1.1). */
const PLAIN =
  /^(core\/(seal-config|recovery-config|recovery-key|hsm\/barrier-unseal-keys|lock|initialize-lock|migration)$|autopilot\/non-voters$|raftchunking\/)/;

/** The wrapped root key of a namespace; its seal's configuration belongs to the namespace above. */
const SEALED_KEYS = /^namespaces\/[^/]+\/core\/hsm\/barrier-unseal-keys$/;
const SEAL_CONFIG = 'core/seal-config';

/** Lies under the key before the one that it holds, so that standbys can open it. */
const UPGRADE = /(^|\/)core\/upgrade\/\d+$/;

const RESTORE = /^\/v1\/sys\/storage\/raft\/snapshot/;

const STATE = 'vault.db';
/** Term, version. */
const HEADER = 5;

/** A machine's files, and what opens them. */
export interface NodeDisk {
  readonly node: string;
  readonly files: Iterable<readonly [path: string, bytes: Uint8Array]>;
  /** The likeliest first. */
  readonly unsealing: readonly Unsealing[];
  /** Of namespaces with a seal of their own, by uuid. */
  readonly namespaces?: ReadonlyMap<string, readonly Unsealing[]>;
  /** Told of all entries in clear. */
  readonly look?: (now: number, entries: ReadonlyMap<string, Uint8Array>) => void;
}

export class DisksDecryptOffline implements Checker {
  readonly name = 'disks decrypt offline';
  readonly #crypto: Crypto;
  readonly #disks: () => Iterable<NodeDisk>;
  readonly #verdicts: Verdicts;
  /** Entries by term and nonce, over all nodes. */
  readonly #nonces = new Map<string, string>();
  /** The newest term that each node has used or made, by node and realm, since its start. */
  readonly #newest = new Map<string, number>();
  /** Nonces of what was encrypted under an older one all the same. */
  readonly #outdated = new Set<string>();
  /** An operator put an older state in place. */
  #restored = false;

  constructor(crypto: Crypto, disks: () => Iterable<NodeDisk>, verdicts: Verdicts) {
    this.#crypto = crypto;
    this.#disks = disks;
    this.#verdicts = verdicts;
  }

  observe({ node, event }: TraceRecord): void {
    if (event.kind === 'http.request' && event.method !== 'GET' && RESTORE.test(event.path)) this.#restored = true;
    const replaced = this.#restored && event.kind === 'raft.snapshot' && event.what === 'installed';
    if (replaced || event.kind === 'raft.recovered' || (event.kind === 'node.state' && event.state === 'sealed')) {
      this.#forget(node);
    }
    if (event.kind !== 'barrier.encrypt' && event.kind !== 'barrier.rotate') return;
    const realm = `${node} ${event.realm ?? ''}`;
    const newest = this.#newest.get(realm) ?? 0;
    if (event.term > newest) this.#newest.set(realm, event.term);
    // Term 0 stands for the root key.
    else if (event.kind === 'barrier.encrypt' && event.term > 0 && event.term < newest) this.#outdated.add(event.nonce);
  }

  /** A restored snapshot brings an older keyring back, at once or with a restart or a seal. */
  #forget(node: string): void {
    for (const realm of this.#newest.keys()) if (realm.startsWith(`${node} `)) this.#newest.delete(realm);
  }

  async finish({ now }: Aftermath): Promise<void> {
    for (const { node, files, unsealing, namespaces, look } of this.#disks()) {
      const all = [...files];
      if (!all.some(([path]) => path === STATE)) continue;
      const blame = (message: string): void => this.#verdicts.report(this.name, now, `${node}: ${message}`);
      try {
        const { data } = await StateFile.open(new OfflineDisk(all), STATE);
        const pieces = wrongInPieces(data.entries());
        if (pieces !== undefined) blame(pieces);
        const read = (key: string): Uint8Array | undefined => data.get(key);
        const keyring = openKeyring(this.#crypto, read, unsealing);
        if (keyring === undefined) continue;
        const clear = look && new Map<string, Uint8Array>();
        const realms = new Map<string, Keyring>();
        for (const [uuid, keys] of namespaces ?? []) {
          const prefix = `namespaces/${uuid}/`;
          const own = openKeyring(this.#crypto, read, keys, prefix);
          if (own !== undefined) realms.set(prefix, own);
        }
        const mine = (prefix: string) => (key: string) => ownerOf(key, realms.keys()) === prefix;
        this.#check(only(data.entries(), mine('')), keyring, keyringPath, blame, clear);
        for (const [prefix, own] of realms) {
          this.#check(only(data.entries(), mine(prefix)), own, prefix + keyringPath, blame, clear);
        }
        if (clear !== undefined) look?.(now, clear);
      } catch (error) {
        blame(`cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  #check(
    entries: Iterable<readonly [key: string, value: Uint8Array]>,
    keyring: Keyring,
    keyringKey: string,
    blame: (message: string) => void,
    clear: Map<string, Uint8Array> | undefined,
  ): void {
    const ciphers = new Map<number, AesGcm>();
    for (const [term, key] of keyring.keys) ciphers.set(term, this.#crypto.aesGcm(key.value));
    for (const [key, value] of entries) {
      if (PLAIN.test(key) || SEALED_KEYS.test(key)) continue;
      if (key !== keyringKey) {
        const cipher = hasTerm(value) ? ciphers.get(entryTerm(value)) : undefined;
        if (cipher === undefined) {
          blame(`${key} is not encrypted under any key of the keyring`);
          continue;
        }
        try {
          const opened = openEntry(cipher, key, value);
          clear?.set(key, opened);
        } catch (error) {
          blame(`${key} does not decrypt: ${error instanceof Error ? error.message : String(error)}`);
          continue;
        }
      }
      this.#once(key, value, keyringKey, blame);
    }
  }

  /** The keyring's own entry says term 1, but lies under the root key. */
  #once(key: string, value: Uint8Array, keyringKey: string, blame: (message: string) => void): void {
    const term = key === keyringKey ? 'root' : entryTerm(value);
    const digits = encodeHex(value.subarray(HEADER, HEADER + nonceBytes));
    if (term !== 'root' && this.#outdated.has(digits) && !UPGRADE.test(key))
      blame(`${key} was written under term ${term}, which its writer had replaced`);
    const nonce = `${keyringKey}/${term}/${digits}`;
    const entry = `${key} ${encodeHex(value.subarray(-16))}`;
    const known = this.#nonces.get(nonce);
    if (known === undefined) this.#nonces.set(nonce, entry);
    else if (known !== entry) blame(`${key} has the nonce of ${known.split(' ')[0]} under term ${term}`);
  }
}

/** The prefix of the namespace whose keyring encrypts an entry; '': the node's. */
function ownerOf(key: string, prefixes: Iterable<string>): string {
  for (const prefix of prefixes) if (key.startsWith(prefix) && key !== prefix + SEAL_CONFIG) return prefix;
  return '';
}

function* only(
  entries: Iterable<readonly [key: string, value: Uint8Array]>,
  wanted: (key: string) => boolean,
): Iterable<readonly [key: string, value: Uint8Array]> {
  for (const entry of entries) if (wanted(entry[0])) yield entry;
}

/**
 * A map whose keys are ordered by their UTF-8 bytes, with forks that cost nothing: a B+tree that copies the nodes it
 * changes (copy on write). Transactions and snapshots read a fork while the original goes on.
 */
import { compareText, ordersByUnits } from '../codec/bytes.ts';
import type { Page } from './storage.ts';

const WIDTH = 32;

interface Leaf<V> {
  /** Who may change this node in place: the map whose token this is. */
  owner: object;
  readonly keys: string[];
  readonly values: V[];
}

interface Branch<V> {
  owner: object;
  /** `keys[i]` is a lower bound of everything in `children[i]` (the first is never compared). */
  readonly keys: string[];
  readonly children: Node<V>[];
}

type Node<V> = Leaf<V> | Branch<V>;

/** Index of the first key that is not less than `key`. `plain`: what `ordersByUnits` says of `key`, asked once a descent. */
function lowerBound(keys: readonly string[], key: string, plain: boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = keys[middle]!;
    if (plain ? other < key : compareText(other, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the child that would hold `key`. */
function childOf(keys: readonly string[], key: string, plain: boolean): number {
  let low = 1;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = keys[middle]!;
    if (plain ? other <= key : compareText(other, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class OrderedMap<V> {
  #root: Node<V>;
  #owner = {};
  #size = 0;

  constructor() {
    this.#root = { owner: this.#owner, keys: [], values: [] };
  }

  get size(): number {
    return this.#size;
  }

  /** An independent map with the same content; O(1), later changes on either side copy what they touch. */
  fork(): OrderedMap<V> {
    const copy = new OrderedMap<V>();
    copy.#root = this.#root;
    copy.#size = this.#size;
    this.#owner = {};
    return copy;
  }

  get(key: string): V | undefined {
    const plain = ordersByUnits(key);
    let node = this.#root;
    while ('children' in node) node = node.children[childOf(node.keys, key, plain)]!;
    const at = lowerBound(node.keys, key, plain);
    return node.keys[at] === key ? node.values[at] : undefined;
  }

  /** Gives the value that it replaced. */
  set(key: string, value: V): V | undefined {
    const plain = ordersByUnits(key);
    let node = this.#writable(this.#root);
    this.#root = node;
    while ('children' in node) {
      const at = childOf(node.keys, key, plain);
      const child = this.#writable(node.children[at]!);
      node.children[at] = child;
      node = child;
    }
    const at = lowerBound(node.keys, key, plain);
    if (node.keys[at] === key) {
      const old = node.values[at];
      node.values[at] = value;
      return old;
    }
    const sibling = this.#insert(this.#root, key, value, plain);
    if (sibling !== undefined)
      this.#root = { owner: this.#owner, keys: ['', sibling.key], children: [this.#root, sibling.node] };
    return undefined;
  }

  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    let root = this.#writable(this.#root);
    this.#remove(root, key, ordersByUnits(key));
    this.#size--;
    while ('children' in root && root.children.length === 1) root = root.children[0]!;
    this.#root = root;
    return true;
  }

  /** Entries in order, from the first key that is not less than `from`. The map must not change meanwhile; forks may. */
  *entries(from = ''): Generator<readonly [key: string, value: V]> {
    const plain = ordersByUnits(from);
    const path: { node: Branch<V>; at: number }[] = [];
    let node = this.#root;
    for (;;) {
      while ('children' in node) {
        const at = path.length === 0 || from !== '' ? childOf(node.keys, from, plain) : 0;
        path.push({ node, at });
        node = node.children[at]!;
      }
      for (let at = from === '' ? 0 : lowerBound(node.keys, from, plain); at < node.keys.length; at++) {
        yield [node.keys[at]!, node.values[at]!];
      }
      from = '';
      while (path.length > 0 && path.at(-1)!.at + 1 >= path.at(-1)!.node.children.length) path.pop();
      const last = path.at(-1);
      if (last === undefined) return;
      last.at++;
      node = last.node.children[last.at]!;
    }
  }

  /** The first entry whose key is not less than `from`. */
  first(from: string): readonly [key: string, value: V] | undefined {
    const next = this.entries(from).next();
    return next.done === true ? undefined : next.value;
  }

  /** What `Reader.list` answers: names directly under `prefix`, folders once. */
  list(prefix: string, page?: Page): string[] {
    const after = page?.after ?? '';
    const limit = page?.limit ?? 0;
    const names: string[] = [];
    let from = prefix + after;
    scan: for (;;) {
      for (const [key] of this.entries(from)) {
        if (!key.startsWith(prefix)) break scan;
        const slash = key.indexOf('/', prefix.length);
        const name = slash < 0 ? key.slice(prefix.length) : key.slice(prefix.length, slash + 1);
        if (after === '' || compareText(name, after) > 0) {
          names.push(name);
          if (names.length === limit) break scan;
        }
        if (slash >= 0) {
          // '0' follows '/': the next key that is not in this folder.
          from = `${prefix}${name.slice(0, -1)}0`;
          continue scan;
        }
      }
      break;
    }
    return names;
  }

  #writable(node: Node<V>): Node<V> {
    if (node.owner === this.#owner) return node;
    return 'children' in node
      ? { owner: this.#owner, keys: node.keys.slice(), children: node.children.slice() }
      : { owner: this.#owner, keys: node.keys.slice(), values: node.values.slice() };
  }

  /** Inserts a new key; all nodes on its way are writable. Gives the new right sibling when the node had to split. */
  #insert(node: Node<V>, key: string, value: V, plain: boolean): { key: string; node: Node<V> } | undefined {
    if (!('children' in node)) {
      const at = lowerBound(node.keys, key, plain);
      node.keys.splice(at, 0, key);
      node.values.splice(at, 0, value);
      this.#size++;
      if (node.keys.length <= WIDTH) return undefined;
      // A split at the end keeps ascending inserts dense.
      const middle = at === WIDTH ? WIDTH : WIDTH >>> 1;
      const keys = node.keys.splice(middle);
      return { key: keys[0]!, node: { owner: this.#owner, keys, values: node.values.splice(middle) } };
    }
    const at = childOf(node.keys, key, plain);
    const sibling = this.#insert(node.children[at]!, key, value, plain);
    if (sibling === undefined) return undefined;
    node.keys.splice(at + 1, 0, sibling.key);
    node.children.splice(at + 1, 0, sibling.node);
    if (node.keys.length <= WIDTH) return undefined;
    const middle = WIDTH >>> 1;
    const keys = node.keys.splice(middle);
    return { key: keys[0]!, node: { owner: this.#owner, keys, children: node.children.splice(middle) } };
  }

  /** Removes a key that exists below a writable node; empty children go with it. */
  #remove(node: Node<V>, key: string, plain: boolean): void {
    if (!('children' in node)) {
      const at = lowerBound(node.keys, key, plain);
      node.keys.splice(at, 1);
      node.values.splice(at, 1);
      return;
    }
    const at = childOf(node.keys, key, plain);
    const child = this.#writable(node.children[at]!);
    node.children[at] = child;
    this.#remove(child, key, plain);
    if (child.keys.length === 0 && node.children.length > 1) {
      node.keys.splice(at, 1);
      node.children.splice(at, 1);
    }
  }
}

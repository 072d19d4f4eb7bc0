/**
 * A 2Q cache as hashicorp/golang-lru has it: what is seen once passes through a small recent queue, what is seen
 * again goes to the frequent queue, and keys lately evicted from the recent queue count as seen.
 */
interface Item<V> {
  readonly key: string;
  value: V | undefined;
  queue: Queue<V>;
  previous: Item<V>;
  next: Item<V>;
}

/** A ring with a sentinel: `next` of the head is the newest, `previous` the oldest. */
interface Queue<V> {
  readonly head: Item<V>;
  size: number;
}

function queue<V>(): Queue<V> {
  const head = { key: '', value: undefined } as Item<V>;
  head.previous = head;
  head.next = head;
  const made = { head, size: 0 };
  head.queue = made;
  return made;
}

function unlink<V>(item: Item<V>): void {
  item.previous.next = item.next;
  item.next.previous = item.previous;
  item.queue.size--;
}

function pushFront<V>(queue: Queue<V>, item: Item<V>): void {
  item.queue = queue;
  item.previous = queue.head;
  item.next = queue.head.next;
  item.next.previous = item;
  queue.head.next = item;
  queue.size++;
}

export class TwoQueue<V> {
  readonly #capacity: number;
  readonly #recentCapacity: number;
  readonly #ghostCapacity: number;
  readonly #items = new Map<string, Item<V>>();
  readonly #recent = queue<V>();
  readonly #frequent = queue<V>();
  readonly #ghosts = queue<V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#recentCapacity = Math.floor(capacity / 4);
    this.#ghostCapacity = Math.floor(capacity / 2);
  }

  get size(): number {
    return this.#recent.size + this.#frequent.size;
  }

  get(key: string): V | undefined {
    const item = this.#items.get(key);
    if (item === undefined || item.queue === this.#ghosts) return undefined;
    const frequent = this.#frequent;
    if (frequent.head.next !== item) {
      unlink(item);
      pushFront(frequent, item);
    }
    return item.value;
  }

  set(key: string, value: V): void {
    const known = this.#items.get(key);
    if (known !== undefined && known.queue !== this.#ghosts) {
      known.value = value;
      unlink(known);
      pushFront(this.#frequent, known);
      return;
    }
    if (known !== undefined) this.delete(key);
    this.#makeRoom(known !== undefined);
    const item = { key, value } as Item<V>;
    this.#items.set(key, item);
    pushFront(known === undefined ? this.#recent : this.#frequent, item);
  }

  delete(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    unlink(item);
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
    for (const queue of [this.#recent, this.#frequent, this.#ghosts]) {
      queue.head.previous = queue.head;
      queue.head.next = queue.head;
      queue.size = 0;
    }
  }

  #makeRoom(fromGhost: boolean): void {
    if (this.size < this.#capacity) return;
    const recent = this.#recent.size;
    if (recent > 0 && (recent > this.#recentCapacity || (recent === this.#recentCapacity && !fromGhost))) {
      const oldest = this.#recent.head.previous;
      oldest.value = undefined;
      unlink(oldest);
      pushFront(this.#ghosts, oldest);
      if (this.#ghosts.size > this.#ghostCapacity) this.#drop(this.#ghosts);
      return;
    }
    this.#drop(this.#frequent.size > 0 ? this.#frequent : this.#recent);
  }

  #drop(queue: Queue<V>): void {
    const oldest = queue.head.previous;
    unlink(oldest);
    this.#items.delete(oldest.key);
  }
}

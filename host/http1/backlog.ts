export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;

const NOTHING = Buffer.alloc(0);

/** Bytes that came and were not taken yet. What is appended costs its own length, however small the pieces. */
export class Backlog {
  #bytes: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** The memory is ours; a piece that came alone stays where it is. */
  #own = false;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Valid until the next append. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(piece: Buffer): void {
    if (this.length === 0) {
      this.#bytes = piece;
      this.#start = 0;
      this.#end = piece.length;
      this.#own = false;
      return;
    }
    const length = this.length + piece.length;
    if (!this.#own || this.#end + piece.length > this.#bytes.length) {
      const roomier = Buffer.allocUnsafe(2 * length);
      this.#bytes.copy(roomier, 0, this.#start, this.#end);
      this.#end = this.length;
      this.#start = 0;
      this.#bytes = roomier;
      this.#own = true;
    }
    piece.copy(this.#bytes, this.#end);
    this.#end += piece.length;
  }

  /** The first bytes are done with. Who waits for more holds no memory. */
  drop(count: number): void {
    this.#start += count;
    if (this.length === 0) this.append(NOTHING);
  }

  /** So many of the first bytes, or all there are; they stay as they are whatever is appended. */
  take(count: number): Buffer {
    const first = this.view.subarray(0, count);
    const taken = this.#own ? Buffer.from(first) : first;
    this.drop(taken.length);
    return taken;
  }
}

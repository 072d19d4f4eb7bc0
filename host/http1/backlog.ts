export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;

/** Bytes that came and were not taken yet. What is appended costs its own length, however small the pieces. */
export class Backlog {
  #bytes: Buffer = Buffer.alloc(0);
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

  /** The first bytes are done with. */
  drop(count: number): void {
    this.#start += count;
  }

  /** So many of the first bytes, or all there are; they stay as they are whatever is appended. */
  take(count: number): Buffer {
    const taken = this.view.subarray(0, count);
    this.drop(taken.length);
    return this.#own ? Buffer.from(taken) : taken;
  }
}

/** Bodies as they come: of a length that was said, or in chunks, which are told what is wrong in Go's words. */
import { quoteUtf8 } from '../../core/codec/go-quote.ts';
import { Kept } from '../incoming.ts';
import { type Backlog, CARRIAGE_RETURN, LINE_FEED } from './backlog.ts';

export interface Body {
  /** Takes what is there. True when the body is complete, or too long. Throws BrokenBody. */
  take(backlog: Backlog): boolean;
  /** The client sends no more, and the body is not complete. */
  readonly missing: BrokenBody;
  /** More came than was to be kept. */
  readonly overlong: boolean;
  bytes(): Buffer;
}

/** `told`: that the connection ends. Go says so where it does not know how much is still to come. */
export class BrokenBody extends Error {
  readonly told: boolean;
  constructor(words: string, told: boolean) {
    super(words);
    this.told = told;
  }
}

export class SizedBody extends Kept implements Body {
  readonly #length: number;

  constructor(length: number, most: number) {
    super(most);
    this.#length = length;
  }

  get missing(): BrokenBody {
    return new BrokenBody('unexpected EOF', false);
  }

  take(backlog: Backlog): boolean {
    if (backlog.length > 0) this.push(backlog.take(this.#length - this.size));
    return this.size === this.#length || this.overlong;
  }
}

/** Of a line before a chunk, and of what comes behind the last one: Go's buffer. */
const LONGEST_LINE = 4_096;
/** Bytes that are not of the body; each chunk may have some, and the double of what it brings. */
const SPARE = 16 * 1024;
const SPARE_PER_LINE = 16;

const broken = (words: string): BrokenBody => new BrokenBody(words, true);

export class ChunkedBody extends Kept implements Body {
  #state: 'line' | 'data' | 'end of data' | 'trailer' | 'done' = 'line';
  /** Of the chunk that is being read. */
  #left = 0;
  #excess = 0;

  take(backlog: Backlog): boolean {
    while (this.#step(backlog)) if (this.#state === 'done' || this.overlong) return true;
    return false;
  }

  get missing(): BrokenBody {
    return broken(this.#state === 'trailer' ? 'http: unexpected EOF reading trailer' : 'unexpected EOF');
  }

  /** False: there is not enough yet. */
  #step(backlog: Backlog): boolean {
    switch (this.#state) {
      case 'line':
        return this.#line(backlog);
      case 'data':
        return this.#data(backlog);
      case 'end of data':
        return this.#endOfData(backlog);
      case 'trailer':
        return this.#trailer(backlog);
      case 'done':
        return true;
    }
  }

  #line(backlog: Backlog): boolean {
    const { view } = backlog;
    const feed = view.indexOf(LINE_FEED);
    if (feed < 0 ? view.length >= LONGEST_LINE : feed >= LONGEST_LINE) throw broken('header line too long');
    if (feed < 0) return false;
    const back = view.subarray(0, feed).indexOf(CARRIAGE_RETURN);
    if (back < 0) throw broken('chunked line ends with bare LF');
    if (back !== feed - 1) throw broken('invalid CR in chunked line');
    const line = view.toString('latin1', 0, back);
    backlog.drop(feed + 1);
    this.#left = chunkLength(line.split(';', 1)[0]!.replace(/[ \t]+$/, ''));
    this.#excess = Math.max(0, this.#excess + feed + 3 - SPARE_PER_LINE - 2 * this.#left);
    if (this.#excess > SPARE) throw broken('chunked encoding contains too much non-data');
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return true;
  }

  #data(backlog: Backlog): boolean {
    if (backlog.length === 0) return false;
    const piece = backlog.take(this.#left);
    this.push(piece);
    this.#left -= piece.length;
    if (this.#left === 0) this.#state = 'end of data';
    return true;
  }

  #endOfData(backlog: Backlog): boolean {
    const { view } = backlog;
    if (view.length < 2) return false;
    if (view[0] !== CARRIAGE_RETURN || view[1] !== LINE_FEED) throw broken('malformed chunked encoding');
    backlog.drop(2);
    this.#state = 'line';
    return true;
  }

  /** Read and forgotten: nobody asks for what comes behind a body. */
  #trailer(backlog: Backlog): boolean {
    const { view } = backlog;
    if (view.length < 2) return false;
    const bare = view[0] === CARRIAGE_RETURN && view[1] === LINE_FEED;
    const end = bare ? 0 : view.subarray(0, LONGEST_LINE).indexOf('\r\n\r\n');
    if (end < 0) {
      if (view.length < LONGEST_LINE) return false;
      throw broken('http: suspiciously long trailer after chunked body');
    }
    const lines = bare ? [] : view.toString('latin1', 0, end).split('\r\n');
    const odd = lines.find((line) => !line.includes(':'));
    if (odd !== undefined) {
      throw broken(`malformed MIME header: missing colon: ${quoteUtf8(Buffer.from(odd, 'latin1'))}`);
    }
    backlog.drop(bare ? 2 : end + 4);
    this.#state = 'done';
    return true;
  }
}

function chunkLength(digits: string): number {
  if (digits === '') throw broken('empty hex number for chunk length');
  const odd = digits.search(/[^0-9a-fA-F]/);
  if (odd >= 0 && odd < 16) throw broken('invalid byte in chunk length');
  if (digits.length > 16) throw broken('http chunk length too large');
  return Number(`0x${digits}`);
}

/**
 * A connection to a directory: one request at a time, each answered within its timeout. Errors have the words of the Go
 * client that upstream uses.
 */
import { concatBytes, noBytes } from '../../codec/bytes.ts';
import { BerError, wholeLength } from '../../codec/ldap/ber.ts';
import type { Answer, Control, Entry, Message, Request, SearchRequest } from '../../codec/ldap/message.ts';
import { decodeMessage, decodePage, encodeMessage, encodePage } from '../../codec/ldap/message.ts';
import { PAGED_RESULTS, START_TLS } from '../../codec/ldap/message.ts';
import { LdapError, NETWORK_ERROR, SUCCESS } from '../../codec/ldap/result-code.ts';
import { failure } from '../../fault.ts';
import { SECOND } from '../../runtime.ts';
import type { ByteStream, Clock, Micros, NetworkError, OutgoingTls } from '../../runtime.ts';

/** A longer message is no message of a directory. */
const LONGEST = 64 * 1024 * 1024;

/** Where no timeout is set. */
const LONGEST_HANDSHAKE = 120 * SECOND;

interface Waiting {
  readonly id: number;
  readonly got: (message: Message<Answer>) => void;
  readonly broke: (error: Error) => void;
}

const closed = (): LdapError => new LdapError(NETWORK_ERROR, 'ldap: connection closed');

export class LdapConnection {
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  /** For the answer to a request. */
  readonly #timeout: Micros;
  #unread: Uint8Array = noBytes;
  #waiting: Waiting | undefined;
  #closed = false;
  #last = 0;

  constructor(stream: ByteStream, clock: Clock, timeout: Micros) {
    this.#stream = stream;
    this.#clock = clock;
    this.#timeout = timeout;
    stream.onMessage((piece) => this.#read(piece));
    stream.onClose((reason) => this.#broken(reason));
  }

  /** A simple bind; without a password it is an unauthenticated one. */
  async bind(name: string, password: string): Promise<void> {
    await this.#ask({ kind: 'bind', name, password });
  }

  /** All entries that the server gives; references are left out. */
  async search(request: Omit<SearchRequest, 'kind'>, controls: readonly Control[] = []): Promise<Entry[]> {
    return (await this.#search(request, controls)).entries;
  }

  /** The same, asked for in pages of `size` (RFC 2696). */
  async searchInPages(request: Omit<SearchRequest, 'kind'>, size: number): Promise<Entry[]> {
    const all: Entry[] = [];
    let cookie: Uint8Array = noBytes;
    do {
      const page: Control = { type: PAGED_RESULTS, critical: false, value: encodePage(size, cookie) };
      const { entries, controls } = await this.#search(request, [page]);
      all.push(...entries);
      const given = controls.find(({ type }) => type === PAGED_RESULTS)?.value;
      cookie = given === undefined ? noBytes : decodePage(given).cookie;
    } while (cookie.length > 0);
    return all;
  }

  async #search(
    request: Omit<SearchRequest, 'kind'>,
    asked: readonly Control[],
  ): Promise<{ readonly entries: Entry[]; readonly controls: readonly Control[] }> {
    const entries: Entry[] = [];
    const { controls } = await this.#ask({ kind: 'search', ...request }, asked, (answer) => {
      if (answer.kind === 'entry') entries.push(answer);
    });
    return { entries, controls };
  }

  /** What changes the directory. */
  async change(
    request: Extract<Request, { readonly kind: 'add' | 'modify' | 'delete' | 'extended' }>,
    controls: readonly Control[] = [],
  ): Promise<void> {
    await this.#ask(request, controls);
  }

  async startTls(tls: OutgoingTls): Promise<void> {
    await this.#ask({ kind: 'extended', name: START_TLS });
    try {
      await this.#stream.secure?.(tls, this.#timeout || LONGEST_HANDSHAKE);
    } catch (error) {
      this.close();
      throw new LdapError(NETWORK_ERROR, `TLS handshake failed (${(error as NetworkError).message})`);
    }
  }

  close(): void {
    if (!this.#closed) {
      this.#stream.send(encodeMessage({ id: ++this.#last, body: { kind: 'unbind' }, controls: [] }));
      this.#stream.close();
    }
    this.#closed = true;
  }

  /** Rejects with LdapError for any result but success. */
  async #ask(
    body: Request,
    controls: readonly Control[] = [],
    each: (answer: Answer) => void = () => {},
  ): Promise<Message<Answer>> {
    if (this.#closed) throw closed();
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer =
        this.#timeout === 0 ? undefined : this.#clock.after(this.#timeout, () => end(() => reject(timedOut())));
      const end = (conclude: () => void): void => {
        timer?.cancel();
        if (this.#waiting?.id === id) this.#waiting = undefined;
        conclude();
      };
      this.#waiting = {
        id,
        broke: (error) => end(() => reject(error)),
        got: (message) => {
          const answer = message.body;
          each(answer);
          if (answer.kind !== 'result') return;
          if (answer.code === SUCCESS) end(() => resolve(message));
          else end(() => reject(new LdapError(answer.code, answer.message)));
        },
      };
      this.#stream.send(encodeMessage({ id, body, controls }));
    });
  }

  #read(piece: Uint8Array): void {
    this.#unread = this.#unread.length === 0 ? piece : concatBytes(this.#unread, piece);
    try {
      for (;;) {
        const length = wholeLength(this.#unread);
        if (length === undefined) return;
        if (length > LONGEST) throw new BerError('message too long');
        if (length > this.#unread.length) return;
        const message = decodeMessage(this.#unread.subarray(0, length)) as Message<Answer>;
        this.#unread = this.#unread.subarray(length);
        // What comes late, after its timeout, has nobody waiting for it.
        if (this.#waiting?.id === message.id) this.#waiting.got(message);
      }
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      this.#stream.close();
      this.#fail(`unable to read LDAP response packet: ${error.message}`);
    }
  }

  #broken(reason: 'eof' | NetworkError): void {
    const inside = this.#unread.length > 0;
    this.#fail(
      `unable to read LDAP response packet: ${reason === 'eof' ? (inside ? 'unexpected EOF' : 'EOF') : reason.message}`,
    );
  }

  #fail(text: string): void {
    this.#closed = true;
    this.#waiting?.broke(failure(text));
  }
}

const timedOut = (): LdapError => new LdapError(NETWORK_ERROR, 'ldap: connection timed out');

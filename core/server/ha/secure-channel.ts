/**
 * Our stand-in for the mutual TLS between nodes: messages sealed with AES-GCM under keys that only those can derive
 * who know the cluster key, which the active node hands out through the barrier. Secrets of forwarded requests never
 * cross the wire in clear, and a peer with an old key fails as it would in the handshake.
 *
 * Each side opens with 16 random bytes; each direction has its own key, and counts its messages in the nonce.
 */
import { concatBytes, writeUint32 } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { AesGcm, Crypto } from '../../crypto/crypto.ts';
import { type Connection, NetworkError, type Random } from '../../runtime.ts';

const RANDOM_BYTES = 16;

export class SecureChannel {
  readonly #connection: Connection;
  readonly #own: Uint8Array;
  readonly #derive: (peer: Uint8Array) => { send: AesGcm; receive: AesGcm };
  #keys: { send: AesGcm; receive: AesGcm } | undefined;
  #sent = 0;
  #received = 0;
  #waiting: Uint8Array[] = [];
  #open = true;
  #receive: (message: Uint8Array) => void = () => {};
  #ready: () => void = () => {};
  #closed: (error: NetworkError) => void = () => {};

  /** `secret` is the cluster key; undefined means that this side has none (any more) and closes at once. */
  constructor(
    surroundings: { readonly crypto: Crypto; readonly random: Random },
    connection: Connection,
    secret: Uint8Array,
    role: 'client' | 'server',
  ) {
    const { crypto, random } = surroundings;
    this.#connection = connection;
    this.#own = random.bytes(RANDOM_BYTES);
    this.#derive = (peer) => {
      const salt = role === 'client' ? concatBytes(this.#own, peer) : concatBytes(peer, this.#own);
      const key = (from: string): AesGcm =>
        crypto.aesGcm(crypto.hkdf('sha256', secret, salt, encodeUtf8(`steamer forwarding ${from}`), 32));
      return role === 'client'
        ? { send: key('client'), receive: key('server') }
        : { send: key('server'), receive: key('client') };
    };
    connection.onMessage((message) => this.#arrived(message));
    connection.onClose((reason) => this.#end(reason === 'eof' ? new NetworkError('closed', 'EOF') : reason));
    // The client speaks first; the server answers when it has heard it.
    if (role === 'client') connection.send(this.#own);
    this.#role = role;
  }

  readonly #role: 'client' | 'server';

  /** Set synchronously after making the channel. `ready` is called once both sides agree on keys. */
  on(handlers: {
    receive: (message: Uint8Array) => void;
    ready?: () => void;
    closed: (error: NetworkError) => void;
  }): void {
    this.#receive = handlers.receive;
    this.#ready = handlers.ready ?? (() => {});
    this.#closed = handlers.closed;
  }

  /** What is sent before the keys are agreed on waits. */
  send(message: Uint8Array): void {
    if (!this.#open) return;
    if (this.#keys === undefined) this.#waiting.push(message);
    else this.#connection.send(this.#keys.send.seal(nonce(this.#sent++), message));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.close();
  }

  #arrived(message: Uint8Array): void {
    if (!this.#open) return;
    if (this.#keys !== undefined) {
      let plain: Uint8Array;
      try {
        plain = this.#keys.receive.open(nonce(this.#received++), message);
      } catch {
        this.#fail('remote error: tls: bad certificate');
        return;
      }
      this.#receive(plain);
      return;
    }
    if (message.length !== RANDOM_BYTES) {
      this.#fail('tls: first record does not look like a TLS handshake');
      return;
    }
    if (this.#role === 'server') this.#connection.send(this.#own);
    this.#keys = this.#derive(message);
    this.#ready();
    for (const waiting of this.#waiting.splice(0)) this.send(waiting);
  }

  #fail(message: string): void {
    this.close();
    this.#closed(new NetworkError('reset', message));
  }

  #end(error: NetworkError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#closed(error);
  }
}

function nonce(count: number): Uint8Array {
  const bytes = new Uint8Array(12);
  writeUint32(bytes, 4, Math.floor(count / 0x1_0000_0000));
  writeUint32(bytes, 8, count >>> 0);
  return bytes;
}

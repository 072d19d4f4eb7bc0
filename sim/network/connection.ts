/**
 * One end of a simulated TCP connection. Loss and partitions hold messages back until a retransmission gets through;
 * a peer whose process is gone answers with a reset; a peer whose machine is off, or unreachable, with silence.
 */
import { type Connection, type Micros, MILLISECOND, NetworkError, SECOND } from '../../core/runtime.ts';
import { assert } from '../../core/assert.ts';
import type { Host } from './host.ts';
import type { Link } from './link.ts';
import type { SimNetwork } from './network.ts';
import type { Process } from '../process.ts';
import { CLOSE, MESSAGE, RETRANSMIT, TIMER } from '../event-kinds.ts';

/** First retransmission timeout; doubles up to RTO_MOST. Linux: TCP_RTO_MIN, TCP_RTO_MAX. */
const RTO: Micros = 200 * MILLISECOND;
const RTO_MOST: Micros = 120 * SECOND;
/** Linux net.ipv4.tcp_retries2: gives up after about 924 s. */
const RETRIES = 15;
/** What a sender may have on the way while no acknowledgement comes back. */
const WINDOW = 65_536;
/** Go's keep-alive: probes each 15 s; nine unanswered ones after the first wait end the connection. */
const KEEPALIVE: Micros = 15 * SECOND;
const KEEPALIVE_PROBES = 10;

/** A message on its way; without bytes it is the end of the stream. */
interface Message {
  readonly to: Endpoint;
  bytes: Uint8Array | undefined;
  fingerprint: number;
}

export class Endpoint implements Connection {
  readonly local: string;
  readonly remote: string;
  /** Shared by both ends, unique in the run. */
  readonly id: number;
  readonly owner: Process;
  readonly host: Host;
  peer!: Endpoint;
  readonly #network: SimNetwork;
  readonly #link: Link;
  readonly #back: Link;
  #ended = false;
  #receive: ((message: Uint8Array) => void) | undefined;
  #closed: ((reason: 'eof' | NetworkError) => void) | undefined;
  #unread: Uint8Array[] = [];
  #reason: 'eof' | NetworkError | undefined;
  /** Messages that wait for a retransmission, in order. */
  #outbox: Message[] = [];
  #retries = 0;
  #unacknowledged = 0;
  #lastArrival: Micros = 0;
  #watched = false;

  constructor(network: SimNetwork, id: number, owner: Process, host: Host, local: string, remote: string, to: Host) {
    this.#network = network;
    this.id = id;
    this.owner = owner;
    this.host = host;
    this.local = local;
    this.remote = remote;
    this.#link = network.link(host.name, to.name);
    this.#back = network.link(to.name, host.name);
    host.endpoints.add(this);
  }

  /** Closed by either side or broken. */
  get ended(): boolean {
    return this.#ended;
  }

  send(message: Uint8Array): void {
    if (this.#ended || !this.owner.alive) return;
    const fingerprint = this.#network.sent(this, message);
    this.#transmit({ to: this.peer, bytes: message, fingerprint });
  }

  onMessage(receive: (message: Uint8Array) => void): void {
    this.#receive = receive;
    if (this.#unread.length > 0) this.#network.world.schedule(this.owner, 0, MESSAGE, flush, this);
  }

  onClose(closed: (reason: 'eof' | NetworkError) => void): void {
    this.#closed = closed;
    if (this.#reason !== undefined) this.#network.world.schedule(this.owner, 0, CLOSE, notify, this);
  }

  /** Not reported to this side's onClose. */
  close(): void {
    if (this.#ended || !this.owner.alive) return;
    this.#end();
    this.#transmit({ to: this.peer, bytes: undefined, fingerprint: 0 });
  }

  /** The process ended: its kernel says goodbye, rudely when something was left unread. */
  abandon(): void {
    if (this.#ended) return;
    const unread = this.#unread.length > 0 || this.owner.paused;
    this.#end();
    if (!unread) this.#transmit({ to: this.peer, bytes: undefined, fingerprint: 0 });
    else if (this.#link.passes() && this.peer.host.up)
      this.peer.breakAfter(this.#link.delay(this.#network.world.now, 0), 'reset');
  }

  /** Both ends find the connection broken, as a reset by something on the way. */
  reset(): void {
    this.breakAfter(0, 'reset');
    this.peer.breakAfter(0, 'reset');
  }

  /** This end finds the connection broken `delay` from now. */
  breakAfter(delay: Micros, code: 'reset' | 'timeout'): void {
    if (!this.#ended)
      this.#network.world.schedule(this.owner, delay, CLOSE, code === 'reset' ? resetByPeer : timedOut, this);
  }

  /** Begins to probe a peer that may have gone silent. */
  watch(): void {
    if (this.#watched || this.#ended) return;
    this.#watched = true;
    this.#probe(1);
  }

  #probe(count: number): void {
    this.#network.world.schedule(
      this.host.kernel,
      KEEPALIVE,
      TIMER,
      () => {
        if (this.#ended) return;
        const heard = this.#outbox.length > 0 || (this.peer.host.up && this.#link.passes() && !this.#back.blocked);
        if (!heard && count < KEEPALIVE_PROBES) return this.#probe(count + 1);
        this.#watched = false;
        if (!heard) this.breakAfter(0, 'timeout');
        else if (this.peer.host.up && !this.peer.owner.alive) this.breakAfter(0, 'reset');
      },
      undefined,
    );
  }

  #transmit(message: Message): void {
    if (this.#outbox.length > 0) {
      this.#outbox.push(message);
    } else if (!this.#attempt(message)) {
      this.#outbox.push(message);
      this.#retries = 0;
      this.#network.world.schedule(this.host.kernel, RTO, RETRANSMIT, retransmit, this);
    }
  }

  /** Puts one message on the wire; false when it is lost on the way and has to be sent again. */
  #attempt(message: Message): boolean {
    const { world, masked } = this.#network;
    if (!this.#link.passes() || !this.peer.host.up) return !masked;
    if (!this.peer.owner.alive) {
      this.breakAfter(this.#link.delay(world.now, 0) + this.#back.delay(world.now, 0), 'reset');
      return true;
    }
    const length = message.bytes?.length ?? 0;
    if (this.#back.blocked) {
      this.#unacknowledged += length;
      if (this.#unacknowledged > WINDOW) return !masked;
    } else {
      this.#unacknowledged = 0;
    }
    let later = 0;
    if (this.#network.ruled && message.bytes !== undefined) {
      const verdict = this.#network.judge(this, message.bytes);
      if (verdict === 'drop') return !masked;
      if (typeof verdict === 'object') {
        later = verdict.later ?? 0;
        if (verdict.instead !== undefined) {
          message.bytes = verdict.instead;
          message.fingerprint = this.#network.fingerprint(verdict.instead);
        }
      }
    }
    const delay = this.#link.delay(world.now, length) + later;
    if (masked) {
      this.#lastArrival = Math.max(world.now + delay, this.#lastArrival);
      world.schedule(this.peer.owner, this.#lastArrival - world.now, MESSAGE, deliver, message);
    } else {
      world.schedule(this.peer.owner, delay, MESSAGE, deliver, message);
      if (this.#link.duplicates())
        world.schedule(this.peer.owner, delay + this.#link.delay(world.now, length), MESSAGE, deliver, message);
    }
    return true;
  }

  /** The kernel's retransmission timer. */
  retransmit(): void {
    let sent = 0;
    while (sent < this.#outbox.length && this.#attempt(this.#outbox[sent]!)) sent++;
    this.#outbox.splice(0, sent);
    if (sent > 0) this.#retries = 0;
    if (this.#outbox.length === 0) return;
    if (++this.#retries > RETRIES) {
      this.#outbox = [];
      return this.breakAfter(0, 'timeout');
    }
    const wait = Math.min(RTO * 2 ** this.#retries, RTO_MOST);
    this.#network.world.schedule(this.host.kernel, wait, RETRANSMIT, retransmit, this);
  }

  receive({ bytes, fingerprint }: Message): void {
    if (bytes === undefined) return this.finish('eof');
    assert(this.#network.fingerprint(bytes) === fingerprint, 'nobody changes a message that was sent');
    if (this.#ended) {
      // Data for a socket that was closed: the kernel answers with a reset.
      this.peer.breakAfter(this.#link.delay(this.#network.world.now, 0), 'reset');
    } else if (this.#receive === undefined || this.#unread.length > 0) {
      this.#unread.push(bytes);
    } else {
      this.#receive(bytes);
    }
  }

  flush(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const message of unread) this.#receive!(message);
  }

  notify(): void {
    const closed = this.#closed;
    if (closed === undefined || this.#reason === undefined) return;
    this.#closed = undefined;
    closed(this.#reason);
  }

  finish(reason: 'eof' | NetworkError): void {
    if (this.#ended) return;
    this.#outbox = [];
    this.#end();
    this.#reason = reason;
    this.notify();
  }

  #end(): void {
    this.#ended = true;
    this.host.endpoints.delete(this);
  }
}

function deliver(message: Message): void {
  message.to.receive(message);
}

function flush(endpoint: Endpoint): void {
  endpoint.flush();
}

function notify(endpoint: Endpoint): void {
  endpoint.notify();
}

function retransmit(endpoint: Endpoint): void {
  endpoint.retransmit();
}

function resetByPeer(endpoint: Endpoint): void {
  endpoint.finish(
    new NetworkError('reset', `read tcp ${endpoint.local}->${endpoint.remote}: read: connection reset by peer`),
  );
}

function timedOut(endpoint: Endpoint): void {
  endpoint.finish(
    new NetworkError('timeout', `read tcp ${endpoint.local}->${endpoint.remote}: read: connection timed out`),
  );
}

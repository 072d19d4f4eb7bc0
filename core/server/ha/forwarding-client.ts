/**
 * A standby's connection to the active node. It behaves like upstream's gRPC client: it connects on the first call,
 * a call fails at once while the last attempt to connect has just failed, and a silent peer is given up after a while.
 */
import { Backoff } from '../../backoff.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { type Micros, NetworkError, type NodeIdentity, type Runtime, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { every } from '../../ticker.ts';
import { sharedSecret } from './advertisement.ts';
import { type EchoCall, type Message, decodeMessage, encodeMessage } from './calls.ts';
import { type ClusterListener, FORWARDING_PROTOCOL } from './cluster-listener.ts';
import { KEY_SYNC, type KeyHolder } from './key-sync.ts';
import { SecureChannel } from './secure-channel.ts';

export const HEARTBEAT: Micros = 5 * SECOND;
const ECHO_TIMEOUT: Micros = 2 * SECOND;
const DIAL_TIMEOUT: Micros = 20 * SECOND;
/** Silence after which the peer is asked for a sign of life, and how long it then has. */
const KEEPALIVE_AFTER: Micros = 2 * HEARTBEAT;
const KEEPALIVE_TIMEOUT: Micros = 20 * SECOND;

interface Pending {
  resolve(message: Message): void;
  reject(error: Error): void;
}

/** Who hears of changes. */
export interface ChangeListener {
  changed(keys: readonly string[], index: string): void;
  /** There will be no more. */
  ended(error: Error): void;
}

export class ForwardingClient {
  readonly #runtime: Runtime;
  readonly #listener: ClusterListener;
  readonly #address: string;
  readonly #identity: NodeIdentity;
  readonly #scope = new Scope();
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<number, ChangeListener>();
  readonly #backoff: Backoff;
  #channel: SecureChannel | undefined;
  #connecting: Promise<SecureChannel> | undefined;
  #failedUntil: Micros = 0;
  #lastFailure = '';
  #lastHeard: Micros = 0;
  #calls = 0;

  /** `address` is the active node's cluster address, host:port; `identity` is what it advertised. */
  constructor(runtime: Runtime, listener: ClusterListener, address: string, identity: NodeIdentity) {
    this.#runtime = runtime;
    this.#listener = listener;
    this.#address = address;
    this.#identity = identity;
    this.#backoff = new Backoff(runtime.random, SECOND, 120 * SECOND);
  }

  /** Tells the active node every 5 s that this one lives, at once for the first time. `heard` gets what it answers. */
  startHeartbeat(echo: () => EchoCall, heard: (performanceMode: string) => void): void {
    const tick = async (): Promise<void> => {
      const { metrics } = this.#runtime;
      const start = metrics?.now() ?? 0;
      const sent = echo();
      const answer = await this.#call((call) => ({ kind: 'echo', call, echo: sent }), ECHO_TIMEOUT);
      metrics?.since('vault.ha.rpc.client.echo', start, { peer_id: sent.nodeId });
      if (answer.kind === 'pong' && !this.#scope.cancelled) heard(answer.performanceMode);
    };
    const failed = (error: unknown): void => {
      this.#runtime.metrics?.count('vault.ha.rpc.client.echo.errors');
      this.#runtime.log.write('debug', 'core', 'forwarding: error sending echo request to active node', { error });
    };
    void tick().catch(failed);
    every(this.#runtime.clock, HEARTBEAT, this.#scope, tick, failed);
  }

  /** Every 15 s: the keys of namespaces that one of the two has not. */
  startKeySync(holder: KeyHolder): void {
    const tick = async (): Promise<void> => {
      const own = holder.namespaceKeys();
      const answer = await this.#call((call) => ({ kind: 'offer', call, held: [...own.keys()] }), ECHO_TIMEOUT);
      if (answer.kind !== 'keys' || this.#scope.cancelled) return;
      if (answer.keys.size > 0) await holder.takeNamespaceKeys(answer.keys);
      const keys = new Map([...own].filter(([uuid]) => answer.wanted.includes(uuid)));
      if (keys.size > 0) await this.#call((call) => ({ kind: 'keys', call, keys, wanted: [] }), ECHO_TIMEOUT);
    };
    every(this.#runtime.clock, KEY_SYNC, this.#scope, tick, (error) => {
      this.#runtime.log.write('debug', 'core', 'error syncing namespace keys with active node', { error });
    });
  }

  /** The active node's whole answer; an undefined one is a dropped connection there. Rejects when it is out of reach. */
  async forward(request: HttpRequest): Promise<HttpResponse | undefined> {
    await this.#runtime.cpu.spend('cluster.forward');
    const { metrics } = this.#runtime;
    const ask = (): Promise<Message> => this.#call((call) => ({ kind: 'request', call, request }));
    let answer: Message;
    try {
      answer = await (metrics === undefined ? ask() : metrics.time('vault.ha.rpc.client.forward', ask));
    } catch (error) {
      metrics?.count('vault.ha.rpc.client.forward.errors');
      throw error;
    }
    return answer.kind === 'response' ? answer.response : undefined;
  }

  /**
   * What the active node changes, from now on; whoever listened before hears no more. Rejects when it is out of reach.
   * The returned function asks how far everything is.
   */
  async follow(listener: ChangeListener): Promise<() => void> {
    const channel = await abortable(this.#connect(), this.#scope);
    const call = ++this.#calls;
    this.#listeners.clear();
    this.#listeners.set(call, listener);
    channel.send(encodeMessage({ kind: 'follow', call }));
    return () => {
      if (this.#listeners.has(call)) channel.send(encodeMessage({ kind: 'mark', call }));
    };
  }

  /** Ends all calls. */
  close(): void {
    this.#scope.cancel();
    this.#channel?.close();
    this.#lose(new NetworkError('closed', 'the client connection is closing'));
  }

  async #call(message: (call: number) => Message, timeout?: Micros): Promise<Message> {
    const deadline = new Scope(this.#scope);
    const timer =
      timeout === undefined
        ? undefined
        : this.#runtime.clock.after(timeout, () => deadline.cancel(new Error('context deadline exceeded')));
    try {
      const channel = await abortable(this.#connect(), deadline);
      const call = ++this.#calls;
      const answer = new Promise<Message>((resolve, reject) => this.#pending.set(call, { resolve, reject }));
      channel.send(encodeMessage(message(call)));
      try {
        return await abortable(answer, deadline);
      } finally {
        this.#pending.delete(call);
      }
    } finally {
      timer?.cancel();
    }
  }

  #connect(): Promise<SecureChannel> {
    if (this.#scope.cancelled) return Promise.reject(new NetworkError('closed', 'the client connection is closing'));
    if (this.#channel !== undefined) return Promise.resolve(this.#channel);
    if (this.#connecting === undefined) {
      if (this.#runtime.clock.monotonic() < this.#failedUntil) {
        return Promise.reject(new NetworkError('refused', this.#lastFailure));
      }
      const connecting = this.#dial();
      this.#connecting = connecting;
      const settled = (): void => {
        this.#connecting = undefined;
      };
      connecting.then(settled, settled);
    }
    return this.#connecting;
  }

  async #dial(): Promise<SecureChannel> {
    const { clock } = this.#runtime;
    try {
      const connection = await this.#listener.dial(this.#address, FORWARDING_PROTOCOL, this.#identity, DIAL_TIMEOUT);
      if (this.#scope.cancelled) {
        connection.close();
        throw new NetworkError('closed', 'the client connection is closing');
      }
      const channel = new SecureChannel(this.#runtime, connection, sharedSecret(this.#identity), 'client');
      await new Promise<void>((resolve, reject) => {
        channel.on({
          ready: resolve,
          receive: (message) => this.#received(message, channel),
          closed: (error) => {
            reject(error);
            this.#lose(error, channel);
          },
        });
      });
      this.#channel = channel;
      this.#lastHeard = clock.monotonic();
      this.#backoff.reset();
      this.#keepAlive(channel);
      return channel;
    } catch (error) {
      this.#failedUntil = clock.monotonic() + this.#backoff.next();
      const reason = error instanceof NetworkError ? error.message : String(error);
      this.#lastFailure = `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${reason}"`;
      throw new NetworkError('refused', this.#lastFailure);
    }
  }

  #received(bytes: Uint8Array, channel: SecureChannel): void {
    this.#lastHeard = this.#runtime.clock.monotonic();
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch {
      channel.close();
      this.#lose(new NetworkError('reset', 'malformed message from active node'), channel);
      return;
    }
    if (message.kind === 'changes') this.#listeners.get(message.call)?.changed(message.keys, message.index);
    else if (message.kind === 'ended') this.#unlisten(new NetworkError('closed', 'the stream has ended'), message.call);
    else this.#pending.get(message.call)?.resolve(message);
  }

  #keepAlive(channel: SecureChannel): void {
    const { clock } = this.#runtime;
    const look = (wait: Micros, asked: boolean): void => {
      const timer = clock.after(wait, () => {
        unwatch();
        if (this.#channel !== channel) return;
        const silence = clock.monotonic() - this.#lastHeard;
        if (silence < KEEPALIVE_AFTER) {
          look(KEEPALIVE_AFTER - silence, false);
        } else if (asked) {
          channel.close();
          this.#lose(new NetworkError('timeout', 'keepalive ping failed to receive ACK within timeout'), channel);
        } else {
          channel.send(encodeMessage({ kind: 'ping', call: 0 }));
          look(KEEPALIVE_TIMEOUT, true);
        }
      });
      const unwatch = this.#scope.onCancel(() => timer.cancel());
    };
    look(KEEPALIVE_AFTER, false);
  }

  #unlisten(error: Error, call: number): void {
    const listener = this.#listeners.get(call);
    this.#listeners.delete(call);
    listener?.ended(error);
  }

  #lose(error: Error, channel = this.#channel): void {
    if (channel !== this.#channel) return;
    this.#channel = undefined;
    for (const pending of this.#pending.values()) pending.reject(error);
    for (const call of this.#listeners.keys()) this.#unlisten(error, call);
  }
}

/** Rejects with the scope's reason when that ends first. */
async function abortable<T>(promise: Promise<T>, scope: Scope): Promise<T> {
  let forget: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    forget = scope.onCancel(reject);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget?.();
  }
}

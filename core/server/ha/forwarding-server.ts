/** The active node's side of forwarding: it serves the requests of the standbys and hears that they live. */
import type { HttpHandler } from '../../http/message.ts';
import type { Connection, NodeIdentity, Runtime } from '../../runtime.ts';
import { sharedSecret } from './advertisement.ts';
import { type EchoCall, type Message, decodeMessage, encodeMessage } from './calls.ts';
import type { ChangeFeed } from './change-feed.ts';
import { type ClusterListener, FORWARDING_PROTOCOL } from './cluster-listener.ts';
import { type KeyHolder, answerOffer } from './key-sync.ts';
import { tellNoForwarding } from '../no-forwarding.ts';
import { SecureChannel } from './secure-channel.ts';

export class ForwardingServer {
  readonly #runtime: Runtime;
  readonly #listener: ClusterListener;
  readonly #handler: HttpHandler;
  readonly #heard: (echo: EchoCall) => void;
  readonly #keys: KeyHolder;
  /** Undefined where standbys need not be told. */
  readonly #feed: ChangeFeed | undefined;
  /** With what ends their following. */
  readonly #following = new Map<SecureChannel, () => void>();
  readonly #channels = new Set<SecureChannel>();

  constructor(
    runtime: Runtime,
    listener: ClusterListener,
    handler: HttpHandler,
    heard: (echo: EchoCall) => void,
    keys: KeyHolder,
    feed?: ChangeFeed,
  ) {
    this.#runtime = runtime;
    this.#listener = listener;
    this.#handler = handler;
    this.#heard = heard;
    this.#keys = keys;
    this.#feed = feed;
  }

  /** What upstream says of it, before anybody is let in. */
  tellSetUp(): void {
    const { log } = this.#runtime;
    log.write('debug', 'core', 'request forwarding setup function');
    tellNoForwarding(log);
    log.write('debug', 'core', 'leaving request forwarding setup function');
  }

  /** Takes connections of those who know what was advertised. */
  start(identity: NodeIdentity): void {
    const secret = sharedSecret(identity);
    this.#listener.identify(FORWARDING_PROTOCOL, [identity]);
    this.#listener.handle(FORWARDING_PROTOCOL, (connection) => this.#accept(connection, secret));
  }

  /** No new connections; those that exist go on. */
  stopAccepting(): void {
    this.#listener.stopHandling(FORWARDING_PROTOCOL);
  }

  /** Cuts off what is still running. */
  close(): void {
    this.stopAccepting();
    this.#feed?.close();
    this.#following.clear();
    for (const channel of this.#channels) channel.close();
    this.#channels.clear();
  }

  #accept(connection: Connection, secret: Uint8Array): void {
    this.#runtime.log.write('debug', 'core.request-forward', 'got request forwarding connection');
    const channel = new SecureChannel(this.#runtime, connection, secret, 'server');
    this.#channels.add(channel);
    channel.on({
      receive: (bytes) => {
        let message: Message;
        try {
          message = decodeMessage(bytes);
        } catch {
          this.#forget(channel);
          channel.close();
          return;
        }
        void this.#serve(channel, message);
      },
      closed: () => this.#forget(channel),
    });
  }

  #forget(channel: SecureChannel): void {
    this.#channels.delete(channel);
    this.#following.get(channel)?.();
    this.#following.delete(channel);
  }

  #follow(channel: SecureChannel, call: number): void {
    this.#following.get(channel)?.();
    const ended = (): void => channel.send(encodeMessage({ kind: 'ended', call }));
    if (this.#feed === undefined) return ended();
    const tell = (keys: readonly string[], index: string): void =>
      channel.send(encodeMessage({ kind: 'changes', call, keys, index }));
    this.#following.set(channel, this.#feed.follow({ tell, ended }));
  }

  async #serve(channel: SecureChannel, message: Message): Promise<void> {
    const { call } = message;
    if (message.kind === 'ping') {
      channel.send(encodeMessage({ kind: 'ack', call }));
    } else if (message.kind === 'echo') {
      this.#heard(message.echo);
      channel.send(encodeMessage({ kind: 'pong', call, performanceMode: 'primary' }));
    } else if (message.kind === 'offer') {
      channel.send(encodeMessage({ kind: 'keys', call, ...answerOffer(this.#keys, message.held) }));
    } else if (message.kind === 'keys') {
      await this.#keys.takeNamespaceKeys(message.keys);
      channel.send(encodeMessage({ kind: 'ack', call }));
    } else if (message.kind === 'follow') {
      this.#follow(channel, call);
    } else if (message.kind === 'mark') {
      this.#feed?.mark();
    } else if (message.kind === 'request') {
      await this.#runtime.cpu.spend('cluster.forwarded');
      const response = await this.#handler(message.request);
      channel.send(encodeMessage({ kind: 'response', call, response }));
    }
  }
}

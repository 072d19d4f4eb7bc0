/** A KMIP server over TLS: one connection a piece of work, one message at a time (KMIP Specification 1.4, §4 and §6). */
import { concatBytes, noBytes } from '../../codec/bytes.ts';
import { decodeTtlv, encodeTtlv, type Ttlv, TtlvError, ttlvLength } from '../../codec/ttlv.ts';
import { failure } from '../../fault.ts';
import { type Connection, type Micros, NetworkError, type OutgoingTls, type Runtime, SECOND } from '../../runtime.ts';
import { OPERATION_NOT_SUPPORTED, operations, reasonName, statusName, tags } from './kmip-names.ts';

export interface KmipServer {
  /** `host:port` */
  readonly endpoint: string;
  readonly tls: OutgoingTls;
  /** For one exchange; 0: the time it takes. */
  readonly timeout: Micros;
}

/** Of version 1, which is all that the seal speaks: 4, 3 and 2 have encryption. */
export type MinorVersion = number;

const NEGOTIATION: MinorVersion = 1;
const SPOKEN: readonly MinorVersion[] = [4, 3, 2];
/** A longer answer is none. */
const LONGEST = 1024 * 1024;
/** What connecting may take where nothing is said. */
const PATIENCE = 60 * SECOND;

export class KmipClient {
  readonly #runtime: Runtime;
  readonly #server: KmipServer;
  /** Agreed upon at the first connection. */
  #version: MinorVersion | undefined;

  constructor(runtime: Runtime, server: KmipServer) {
    this.#runtime = runtime;
    this.#server = server;
  }

  /** Undefined before the first connection. */
  get version(): MinorVersion | undefined {
    return this.#version;
  }

  /** Gives `use` a way to ask on a connection of its own: the payload of a request for that of its answer. */
  async connected<T>(use: (ask: KmipAsk) => Promise<T>): Promise<T> {
    const exchange = new Exchange(this.#runtime, await this.#dial(), this.#server.timeout);
    try {
      const version = (this.#version ??= await this.#negotiated(exchange));
      return await use(async (operation, payload) =>
        payloadOf(await exchange.send(request(this.#runtime, version, operation, payload))),
      );
    } finally {
      exchange.close();
    }
  }

  async #dial(): Promise<Connection> {
    const { streams } = this.#runtime;
    if (streams === undefined) throw undialled('no network');
    const { endpoint, tls, timeout } = this.#server;
    try {
      return await streams.dial(endpoint, timeout === 0 ? PATIENCE : timeout, tls);
    } catch (error) {
      throw error instanceof NetworkError ? undialled(error.message) : error;
    }
  }

  async #negotiated(exchange: Exchange): Promise<MinorVersion> {
    const wanted = SPOKEN.map(protocolVersion);
    try {
      const answer = await exchange.send(request(this.#runtime, NEGOTIATION, operations.discoverVersions, wanted));
      const item = find(answer, tags.batchItem);
      const failed = refusal(item);
      if (failed?.reason === OPERATION_NOT_SUPPORTED) throw failure(NO_COMMON_VERSION);
      if (failed !== undefined) throw failure(failed.text);
      const version = find(find(item, tags.responsePayload), tags.protocolVersion);
      if (version === undefined) throw failure(NO_COMMON_VERSION);
      return numberOf(find(version, tags.versionMinor)) ?? 0;
    } catch (error) {
      throw undialled(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Rejects with the server's refusal, or with what broke the connection. */
export type KmipAsk = (operation: number, payload: readonly Ttlv[]) => Promise<Ttlv>;

const NO_COMMON_VERSION = 'Protocol version negotiation failed. No common version found';

export const undialled = (text: string): Error => failure(`failed to dial kmip connection endpoint: ${text}`);

const protocolVersion = (minor: MinorVersion): Ttlv => ({
  tag: tags.protocolVersion,
  type: 'structure',
  value: [
    { tag: tags.versionMajor, type: 'integer', value: 1 },
    { tag: tags.versionMinor, type: 'integer', value: minor },
  ],
});

function request({ clock }: Runtime, minor: MinorVersion, operation: number, payload: readonly Ttlv[]): Ttlv {
  const header: Ttlv = {
    tag: tags.requestHeader,
    type: 'structure',
    value: [
      protocolVersion(minor),
      { tag: tags.timeStamp, type: 'time', value: BigInt(Math.floor(clock.wall() / SECOND)) },
      { tag: tags.batchCount, type: 'integer', value: 1 },
    ],
  };
  const item: Ttlv = {
    tag: tags.batchItem,
    type: 'structure',
    value: [
      { tag: tags.operation, type: 'enumeration', value: operation },
      { tag: tags.requestPayload, type: 'structure', value: payload },
    ],
  };
  return { tag: tags.requestMessage, type: 'structure', value: [header, item] };
}

function payloadOf(answer: Ttlv): Ttlv {
  const item = find(answer, tags.batchItem);
  const failed = refusal(item);
  if (failed !== undefined) throw failure(failed.text);
  const payload = find(item, tags.responsePayload);
  if (payload === undefined) throw failure('Batch count mismatch');
  return payload;
}

function refusal(item: Ttlv | undefined): { readonly reason: number; readonly text: string } | undefined {
  if (item === undefined) return { reason: 0, text: 'Unexpected batch item count' };
  const status = numberOf(find(item, tags.resultStatus)) ?? 0;
  if (status === 0) return undefined;
  const reason = numberOf(find(item, tags.resultReason)) ?? 0;
  const message = find(item, tags.resultMessage);
  const said = message?.type === 'text' ? message.value : '';
  const text = `Operation failed (status="${statusName(status)}", reason="${reasonName(reason)}") ${said}`;
  return { reason, text };
}

/** The first of that tag in a structure. */
export function find(structure: Ttlv | undefined, tag: number): Ttlv | undefined {
  return structure?.type === 'structure' ? structure.value.find((item) => item.tag === tag) : undefined;
}

export const numberOf = (item: Ttlv | undefined): number | undefined =>
  item !== undefined && typeof item.value === 'number' ? item.value : undefined;

export const bytesOf = (item: Ttlv | undefined): Uint8Array => (item?.type === 'bytes' ? item.value : noBytes);

/** Messages there and back on one connection. */
class Exchange {
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  readonly #timeout: Micros;
  #received: Uint8Array = noBytes;
  #broken: Error | undefined;
  #waiting: { resolve: (answer: Ttlv) => void; reject: (error: Error) => void } | undefined;

  constructor(runtime: Runtime, connection: Connection, timeout: Micros) {
    this.#runtime = runtime;
    this.#connection = connection;
    this.#timeout = timeout;
    connection.onMessage((bytes) => this.#receive(bytes));
    connection.onClose((reason) => this.#break(failure(reason === 'eof' ? 'EOF' : reason.message)));
  }

  send(message: Ttlv): Promise<Ttlv> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      const late = (): void => this.#break(failure('context deadline exceeded'));
      const timer = this.#timeout === 0 ? undefined : this.#runtime.clock.after(this.#timeout, late);
      const done = (): void => {
        timer?.cancel();
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.#connection.send(encodeTtlv(message));
    });
  }

  close(): void {
    this.#connection.close();
  }

  #receive(bytes: Uint8Array): void {
    this.#received = concatBytes(this.#received, bytes);
    const length = ttlvLength(this.#received);
    if (length !== undefined && length > LONGEST) this.#break(failure('message too long'));
    if (length === undefined || length > this.#received.length || this.#waiting === undefined) return;
    const message = this.#received.subarray(0, length);
    this.#received = this.#received.slice(length);
    try {
      this.#waiting.resolve(decodeTtlv(message));
    } catch (error) {
      if (!(error instanceof TtlvError)) throw error;
      this.#break(failure(error.message));
    }
  }

  #break(error: Error): void {
    this.#broken ??= error;
    this.#waiting?.reject(error);
  }
}

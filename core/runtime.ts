/**
 * All that a node can touch. The simulated world and the host each make one of these per node;
 * nothing in `core` reaches time, chance, disk, network or other machines in any other way.
 */
import type { Crypto } from './crypto/crypto.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { TraceEvent } from './trace.ts';

/** Microseconds, always an integer: the only unit of time in `core`. */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;

/** Whole seconds, as answers show durations; less than one before zero is 0, which JavaScript has as -0. */
export const wholeSeconds = (micros: Micros): number => Math.trunc(micros / SECOND) + 0;

export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void;
}

export interface Clock {
  /** Micros since the Unix epoch. May jump and skew: token TTLs, certificates, audit. */
  wall(): Micros;
  /** Micros since the node started. Never goes back: elections, timeouts, intervals. */
  monotonic(): Micros;
  /** Calls `run` once, `delay` monotonic micros from now (at least one event later, also for 0). */
  after(delay: Micros, run: () => void): Timer;
  /** Resolves `delay` monotonic micros from now. */
  sleep(delay: Micros): Promise<void>;
}

export interface Random {
  /** Secret bytes: keys, nonces, ids. Seeded DRBG in simulation, the system's generator on the host. */
  bytes(length: number): Uint8Array;
  /** A uniform integer in [0, bound): jitter, shuffles. Never for secrets. */
  below(bound: number): number;
}

export type NetworkErrorCode = 'refused' | 'timeout' | 'reset' | 'unreachable' | 'closed';

/** What a connection or a dial ends with. `message` has Go's wording where upstream logs it. */
export class NetworkError extends Error {
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string) {
    super(message);
    this.name = 'NetworkError';
    this.code = code;
  }
}

/**
 * A reliable, ordered stream of messages (TCP with framing): loss shows as delay and, after a while, as a reset.
 * Messages are whole byte strings; the receiver must not keep a reference that it later changes.
 */
export interface Connection {
  readonly local: string;
  readonly remote: string;
  /** Throws nothing: what is sent into a closed or broken connection is gone. */
  send(message: Uint8Array): void;
  /** Set both handlers synchronously when the connection is obtained; messages are never lost before that. */
  onMessage(receive: (message: Uint8Array) => void): void;
  /** Called once, with 'eof' after a clean close by the peer, else with what broke it; never after an own `close`. */
  onClose(closed: (reason: 'eof' | NetworkError) => void): void;
  close(): void;
}

export interface Listener {
  readonly address: string;
  close(): void;
}

/** What nodes prove themselves with to each other: a self-signed certificate and its private key on P-521. */
export interface NodeIdentity {
  /** DER. */
  readonly certificate: Uint8Array;
  /** The point and the private scalar. */
  readonly key: { readonly x: bigint; readonly y: bigint; readonly d: bigint };
}

/** Mutual TLS between nodes: both sides show the same certificate, and take no other. */
export interface NodeTls {
  makeIdentity(commonName: string): NodeIdentity;
  /** `identities`, by protocol (ALPN), are those at the time of a handshake; a protocol without any is refused. */
  listen(
    address: string,
    identities: ReadonlyMap<string, readonly NodeIdentity[]>,
    accept: (protocol: string, connection: Connection) => void,
  ): Listener;
  /** Rejects with NetworkError, within `timeout`. */
  dial(address: string, protocol: string, identity: NodeIdentity, timeout: Micros): Promise<Connection>;
}

export interface Network {
  /** `address` is `host:port`. A killed peer refuses at once; a stopped one accepts (its kernel does) and stays silent. */
  listen(address: string, accept: (connection: Connection) => void): Listener;
  /** Rejects with NetworkError: 'refused' at once, 'timeout' after `timeout`, 'unreachable' in a partition after `timeout`. */
  dial(address: string, timeout: Micros): Promise<Connection>;
  /** Absent in simulation, where nobody reads along and certificates would only cost time. */
  readonly tls?: NodeTls | undefined;
}

/** How a TLS connection to somebody else's server is made; the machine's authorities and no client certificate unless said. */
export interface OutgoingTls {
  /** PEM. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly skipVerify?: boolean;
  /** OpenSSL's names for those of TLS 1.2; the usual ones unless said. */
  readonly ciphers?: readonly string[];
  /** TLS 1.2 and later unless said. */
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** A connection whose messages are bytes as they come, without frames. */
export interface ByteStream extends Connection {
  /** Goes on with TLS on the same connection (StartTLS). Rejects NetworkError. Absent where TLS is taken as given. */
  secure?(tls: OutgoingTls, timeout: Micros): Promise<void>;
}

/** Somebody else's servers that speak no HTTP. */
export interface Streams {
  /**
   * Over TLS from the first byte when `tls` is said. Rejects NetworkError with Go's words. In simulation TLS is taken as
   * given.
   */
  dial(address: string, timeout: Micros, tls?: OutgoingTls): Promise<ByteStream>;
  /**
   * What a server shows to who greets it with TLS; nothing is trusted and nothing is sent. Rejects NetworkError, 'reset'
   * once there was a connection. Absent where nobody greets.
   */
  greet?(address: string, greeting: Greeting, timeout: Micros): Promise<Greeted>;
}

export interface Greeting {
  /** The only one that is offered (ALPN). */
  readonly protocol: string;
  readonly serverName: string;
  /** As in OutgoingRequest. */
  readonly resolver?: string | undefined;
}

export interface Greeted {
  /** '': the server named none. */
  readonly protocol: string;
  /** DER, the server's own first. */
  readonly certificates: readonly Uint8Array[];
}

/** A question in one datagram (UDP). */
export interface DatagramQuestion {
  /** `<host>:<port>`; hosts with colons in brackets. */
  readonly address: string;
  readonly message: Uint8Array;
  readonly timeout: Micros;
  /** Whether what came is an answer; all else is passed over. */
  readonly takes: (answer: Uint8Array) => boolean;
}

/** Somebody else's servers that take datagrams. */
export interface Datagrams {
  /**
   * Sends it once and gives the first answer. Rejects NetworkError with Go's words: `context deadline exceeded` when none
   * comes in time, `read udp 10.0.0.1:4711->10.0.0.2:1812: read: connection refused` where nobody listens.
   */
  ask(question: DatagramQuestion): Promise<Uint8Array>;
}

/** The DNS. */
export interface Names {
  /**
   * The texts of a name, each in one piece. `resolver` is `<address>:<port>` of whom to ask, '' the machine's own. Rejects
   * NetworkError with Go's words: `lookup a.example on 10.0.0.1:53: no such host`.
   */
  texts(name: string, resolver: string, timeout: Micros): Promise<readonly string[]>;
}

/** A request to somebody else's server: a key service, an identity provider, a broker's API. */
export interface OutgoingRequest {
  readonly method: string;
  /** Absolute, `http://` or `https://`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For the whole exchange. */
  readonly timeout: Micros;
  readonly tls?: OutgoingTls;
  /** `<address>:<port>` of who knows where names are; the machine's own unless said. */
  readonly resolver?: string | undefined;
}

export interface OutgoingResponse {
  readonly status: number;
  /** Names in lower case, values in order of arrival. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

/** Other people's HTTP servers. In simulation they are machines on the simulated network, and TLS is taken as given. */
export interface Web {
  /**
   * One exchange: no redirect is followed, nothing is tried again. Rejects NetworkError with Go's words: `dial tcp
   * 127.0.0.1:1: connect: connection refused`.
   */
  request(request: OutgoingRequest): Promise<OutgoingResponse>;
}

export type DatabaseKind = 'postgresql' | 'mysql' | 'redis' | 'cassandra' | 'mongodb' | 'mssql' | 'oracle';

/** Of a connection to Cassandra, whose addresses are names only. */
export interface CassandraSettings {
  /** 0: the usual one. A host may have one of its own. */
  readonly port: number;
  /** Of CQL's binary protocol. */
  readonly protocol: number;
  /** '': QUORUM. */
  readonly consistency: string;
  /** '': any. */
  readonly datacenter: string;
  /** Of reaching a host, and of each statement. */
  readonly timeout: Micros;
}

/** Where somebody else's database is, and how many connections to it are kept. */
export interface DatabaseSpec {
  readonly kind: DatabaseKind;
  /**
   * PostgreSQL's URL or words, MySQL's data source name, `host:port` of Redis, Cassandra's hosts, MongoDB's URL,
   * SQL Server's URL or words, Oracle's `user/password@host:port/service`.
   */
  readonly address: string;
  /** Where the address has none. */
  readonly login?: { readonly username: string; readonly password: string };
  /** 0 or less: as many as are asked for. */
  readonly maxOpen: number;
  /** Micros; 0: as long as they hold. */
  readonly maxLifetime: Micros;
  readonly tls?: OutgoingTls;
  readonly cassandra?: CassandraSettings;
}

/**
 * For SQL the text and then its parameters, for Redis the words of a command, for MongoDB a database, a command, what it
 * is about and its fields as JSON.
 */
export type DatabaseStatement = readonly string[];

/** A database refused, or could not be reached. `message` is what upstream's driver says. */
export class DatabaseError extends Error {
  /** There was no connection to ask it over. */
  readonly away: boolean;
  /** Which of several statements was refused, where the driver tells. */
  readonly at: number;
  constructor(message: string, options: { readonly away?: boolean; readonly at?: number } = {}) {
    super(message);
    this.name = 'DatabaseError';
    this.away = options.away === true;
    this.at = options.at ?? 0;
  }
}

/** Connections to one database with one login. Rejects with DatabaseError. */
export interface Database {
  /** Reaches it and logs in. */
  ping(): Promise<void>;
  /**
   * One after the other on one connection, until one fails; in a transaction either all of them last or none. Gives the
   * rows of each.
   */
  run(
    statements: readonly DatabaseStatement[],
    options: { readonly transaction: boolean },
  ): Promise<readonly (readonly (readonly string[])[])[]>;
  close(): Promise<void>;
}

/** Other people's databases. */
export interface Databases {
  /** Nothing is dialled before it is needed. Throws DatabaseError for an address that makes no sense. */
  open(spec: DatabaseSpec): Database;
}

export type DiskErrorCode = 'full' | 'io' | 'missing' | 'exists' | 'denied' | 'locked';

export class DiskError extends Error {
  readonly code: DiskErrorCode;
  constructor(code: DiskErrorCode, message: string) {
    super(message);
    this.name = 'DiskError';
    this.code = code;
  }
}

/** An open file. Written bytes are visible at once and survive a crash only after `sync`. */
export interface DiskFile {
  readonly path: string;
  size(): number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Past the end grows the file. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /** fdatasync: after it, all earlier writes and the size survive a crash. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A node's own directory tree; paths are relative, `/`-separated. Failures are DiskError. */
export interface Disk {
  /**
   * Opens for reading and writing; makes the file and its folders when `create`. Rejects 'missing' otherwise. With
   * `append` every write goes to the end, whatever it says and whoever else writes.
   */
  open(path: string, options: { create: boolean; append?: boolean; mode?: number }): Promise<DiskFile>;
  /** The whole file, or undefined when it does not exist. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Whole-file write through a temporary name and a rename; `sync` makes both durable. */
  writeFile(path: string, bytes: Uint8Array, options: { sync: boolean; mode?: number }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; a missing one is no error. */
  remove(path: string): Promise<void>;
  /** Removes a folder if it is empty; anything else is no error. */
  removeFolder(path: string): Promise<void>;
  /** Names in a folder in byte order, folders with a trailing '/'; [] when there is none. */
  list(folder: string): Promise<string[]>;
  /** Makes renames, creations and removals in the folder durable. */
  syncFolder(folder: string): Promise<void>;
  /**
   * What a read of a file that is mapped into memory waits for when its page is not there; undefined: nothing. Absent
   * where the kernel does that by itself.
   */
  pageIn?(): Promise<void> | undefined;
}

/**
 * Where compute time goes. In simulation a piece of work takes virtual time on one of the node's cores and queues
 * when all are busy; on the host the processor does that by itself, so `spend` returns nothing.
 */
export interface Cpu {
  /** `work` names a row of the cost table, e.g. 'http.read', 'raft.append', 'bcrypt'; `units` multiplies it. */
  spend(work: string, units?: number): Promise<void> | void;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface Log {
  /** `name` is upstream's logger name, e.g. 'core', 'storage.raft', 'expiration'; fields print as `key=value`. */
  write(level: LogLevel, name: string, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** From which one lines are printed. Absent where nobody decides. */
  level?(): LogLevel;
  /** Single loggers print from other levels now; undefined: none does. Absent where that changes nothing. */
  setLevels?(of: ((name: string) => LogLevel | undefined) | undefined): void;
  /** Lines from `level` on as they are written, printed in a form; gives what stops it. Absent where nobody can look. */
  follow?(level: LogLevel, form: LogForm, line: (text: string) => void): () => void;
}

export type LogForm = 'standard' | 'json';

export interface Runtime {
  /** The node's name in traces and logs. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly web: Web;
  /** Absent where there are none. */
  readonly streams?: Streams;
  /** Absent where there are none. */
  readonly datagrams?: Datagrams;
  /** Absent where there are none. */
  readonly names?: Names;
  /** Absent where there are none. */
  readonly databases?: Databases;
  readonly disk: Disk;
  readonly cpu: Cpu;
  readonly crypto: Crypto;
  readonly log: Log;
  /** A variable of the process, where there is one to look into. */
  readonly environment?: (name: string) => string | undefined;
  /** What is counted and measured; absent where nobody will read it. */
  readonly metrics?: Metrics;
  /** Domain events for checkers and reports. Nothing in `core` reads them back. */
  trace(event: TraceEvent): void;
  /** No checker follows the run: digests of log entries and of the state, which only they read, need not be made. */
  readonly unwatched?: boolean;
}

/**
 * Where the `telemetry` block sends what is measured: statsd and DogStatsD by UDP, statsite by TCP. Lines are gathered
 * for a tenth of a second; while nobody takes them they are forgotten, and five seconds later it is tried again. What
 * Node has for it is loaded where something is sent.
 */
import { connect } from 'node:net';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import type { TelemetryStanza } from '../core/server/configuration/telemetry.ts';
import type { Node } from '../core/server/node.ts';
import type { Log } from '../core/runtime.ts';
import type { Metrics } from '../core/telemetry/metrics.ts';
import { dogstatsdLine, type Measured, pieces, statsdLine } from '../core/telemetry/push-forms.ts';
import { shown, shownGauges, type Showing } from '../core/telemetry/showing.ts';
import { goText } from './audit-outlets.ts';
import { splitHostPort } from './network.ts';

const FLUSH_MILLIS = 100;
const AGAIN_MILLIS = 5_000;
/** Gauges that are measured by looking are looked at so often. */
const LOOK_MILLIS = 1_000;
/** Bytes of a datagram: upstream's two libraries differ. */
const STATSD_SIZE = 1_400;
const DOGSTATSD_SIZE = 1_432;
const DOGSTATSD_PORT = 8125;
const STREAM_SIZE = 4_096;

interface Connection {
  send(text: string): void;
  close(): Promise<void>;
}
/** `failed` is told of whatever goes wrong, before or after the first line. */
type Open = (failed: (error: unknown) => void) => Connection;

const datagrams =
  (host: string, port: number): Open =>
  (failed) => {
    const socket = process.getBuiltinModule('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', failed);
    socket.unref();
    let connected = false;
    let closed = false;
    const waiting: string[] = [];
    socket.connect(port, host, (error?: unknown) => {
      if (closed) return;
      if (error !== undefined && error !== null) return failed(error);
      connected = true;
      for (const text of waiting) socket.send(text);
    });
    return {
      send: (text) => {
        if (connected) socket.send(text);
        else waiting.push(text);
      },
      close: () => {
        closed = true;
        return new Promise((resolve) => socket.close(resolve));
      },
    };
  };

const stream =
  (host: string, port: number): Open =>
  (failed) => {
    const socket = connect({ host, port });
    socket.on('error', failed);
    socket.on('end', () => failed(new Error('EOF')));
    socket.resume();
    socket.unref();
    return {
      send: (text) => void socket.write(text),
      close: () =>
        new Promise((resolve) => {
          socket.destroySoon();
          socket.once('close', () => resolve());
          if (socket.destroyed) resolve();
        }),
    };
  };

/** Lines on their way to one receiver. */
class Pushed {
  readonly #what: string;
  readonly #open: Open;
  readonly #size: number;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #lines: string[] = [];
  #length = 0;
  #connection: Connection | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(what: string, open: Open, size: number, log: Log) {
    this.#what = what;
    this.#open = open;
    this.#size = size;
    this.#log = log;
    this.#timer = setInterval(() => this.#flush(), FLUSH_MILLIS).unref();
  }

  add(line: string): void {
    if (this.#again !== undefined) return;
    if (this.#length + line.length > this.#size) this.#flush();
    this.#lines.push(line);
    this.#length += line.length;
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#length = 0;
    this.#connection ??= this.#open((error) => this.#failed(error));
    for (const piece of pieces(lines, this.#size)) this.#connection.send(piece);
  }

  #failed(error: unknown): void {
    if (this.#again !== undefined) return;
    this.#log.write('error', 'telemetry', `error sending to ${this.#what}`, { error: goText(error) });
    void this.#connection?.close();
    this.#connection = undefined;
    this.#lines = [];
    this.#length = 0;
    this.#again = setTimeout(() => (this.#again = undefined), AGAIN_MILLIS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#flush();
    await this.#connection?.close();
  }
}

export interface MetricsPush {
  /** The node whose gauges are looked at, too. */
  watch(node: Node): void;
  stop(): Promise<void>;
}

const wrong = (reason: string): ConfigurationError => new ConfigurationError(`Error initializing telemetry: ${reason}`);

/** Undefined where nobody is to be told. Rejects with ConfigurationError for what cannot be reached in any way. */
export async function pushMetrics(
  { telemetry }: Configuration,
  metrics: Metrics,
  showing: Showing,
  log: Log,
): Promise<MetricsPush | undefined> {
  if (telemetry === undefined) return undefined;
  const receivers = await receiversOf(telemetry, showing, log);
  if (receivers.length === 0) return undefined;
  const tell = (measured: Measured): void => {
    const [one] = measured.kind === 'g' ? shownGauges([measured], showing) : shown([measured], showing);
    if (one !== undefined) for (const { line, pushed } of receivers) pushed.add(line(one));
  };
  metrics.listener = tell;
  let timer: NodeJS.Timeout | undefined;
  return {
    watch: (node) => {
      void look(node, metrics, tell, log);
      timer = setInterval(() => void look(node, metrics, tell, log), LOOK_MILLIS).unref();
    },
    stop: async () => {
      clearInterval(timer);
      metrics.listener = undefined;
      await Promise.all(receivers.map(({ pushed }) => pushed.stop()));
    },
  };
}

async function look(node: Node, metrics: Metrics, tell: (measured: Measured) => void, log: Log): Promise<void> {
  try {
    for (const { name, value, labels } of await node.gauges()) {
      // Of the time before the cluster had a name.
      if (labels['cluster'] !== '' || metrics.cluster === '') tell({ kind: 'g', name, value, labels });
    }
  } catch (error) {
    log.write('debug', 'telemetry', 'gauges could not be read', { error: String(error) });
  }
}

interface Receiver {
  readonly line: (measured: Measured) => string;
  readonly pushed: Pushed;
}

async function receiversOf(telemetry: TelemetryStanza, { gaugeHost }: Showing, log: Log): Promise<Receiver[]> {
  const { texts, dogstatsdTags } = telemetry;
  const receivers: Receiver[] = [];
  const add = (what: string, address: string | undefined, open: typeof stream, size: number): void => {
    if (address === undefined || address === '') return;
    const { host: to, port } = splitHostPort(address);
    const opened: Open = address.includes(':')
      ? open(to, port)
      : (failed) => {
          setImmediate(() => failed(new Error(`address ${address}: missing port in address`)));
          return { send: () => undefined, close: () => Promise.resolve() };
        };
    receivers.push({ line: statsdLine, pushed: new Pushed(what, opened, size, log) });
  };
  add('statsite', texts['statsite_address'], stream, STREAM_SIZE);
  add('statsd', texts['statsd_address'], datagrams, STATSD_SIZE);
  const dog = texts['dogstatsd_addr'] ?? '';
  if (dog !== '') {
    const open = await dogstatsd(dog);
    receivers.push({
      // Names are without the host, which the receiver knows.
      line: (measured) => dogstatsdLine(withoutHost(measured, gaugeHost), dogstatsdTags),
      pushed: new Pushed('DogStatsD', open, DOGSTATSD_SIZE, log),
    });
  }
  return receivers;
}

const withoutHost = (measured: Measured, host: string | undefined): Measured =>
  measured.kind === 'g' && host !== undefined
    ? { ...measured, name: measured.name.replace(`.${host}.`, '.') }
    : measured;

async function dogstatsd(address: string): Promise<Open> {
  const failed = (reason: string): ConfigurationError => wrong(`failed to start DogStatsD sink: ${reason}`);
  if (address.startsWith('unix://')) throw failed('datagrams to a socket in the file system cannot be sent here');
  const { host, port } = address.includes(':') ? splitHostPort(address) : { host: address, port: DOGSTATSD_PORT };
  try {
    return datagrams((await process.getBuiltinModule('node:dns').promises.lookup(host)).address, port);
  } catch {
    throw failed(`lookup ${host}: no such host`);
  }
}

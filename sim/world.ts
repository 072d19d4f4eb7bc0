/**
 * The simulated world: one queue of events, one seed, one rolling hash. `step` runs one event and leaves its microtasks
 * pending; a pump (host/pump.ts) owns the loop and drains them before the next step.
 */
import type { Micros } from '../core/runtime.ts';
import type { LogRecord, TraceEvent, TraceRecord } from '../core/trace.ts';
import { HashLog } from './hash-log.ts';
import { RollingHash } from './hash.ts';
import { Process } from './process.ts';
import { type Stream, Streams } from './random.ts';
import { type Action, type Handle, Scheduler } from './scheduler.ts';

/** A line that a node logged, with what the node's own clock said. */
export interface NodeLog extends LogRecord {
  readonly wall: Micros;
}

/** An exception that no one caught: a bug of a node (Go would panic) or of the simulator. */
export interface Crash {
  readonly at: Micros;
  readonly process: Process;
  readonly error: unknown;
}

export interface WorldOptions {
  /** Keeps the hash after every event, so that two runs can be compared event by event. */
  readonly hashLog?: boolean;
}

export class World {
  readonly seed: string;
  readonly hash = new RollingHash();
  readonly hashLog: HashLog | undefined;
  /** The world's own process: the scenario's timetable and whatever no machine does. Never ends. */
  readonly root: Process;
  readonly crashes: Crash[] = [];
  /** Called at once for an uncaught exception of a process; a machine's supervisor ends it there. */
  onCrash: (crash: Crash) => void = () => {};
  readonly #queue = new Scheduler<Process>();
  readonly #streams: Streams;
  readonly #traceWatchers: ((record: TraceRecord) => void)[] = [];
  readonly #logWatchers: ((record: NodeLog) => void)[] = [];
  #now: Micros = 0;
  #events = 0;
  #processes = 0;

  constructor(seed: string, options: WorldOptions = {}) {
    this.seed = seed;
    this.#streams = new Streams(seed);
    this.hashLog = options.hashLog === true ? new HashLog() : undefined;
    this.hash.text(seed);
    this.root = this.process('world');
  }

  /** Virtual micros since the start of the run. */
  get now(): Micros {
    return this.#now;
  }

  /** Events run so far. */
  get events(): number {
    return this.#events;
  }

  /** Events waiting to run. */
  get pending(): number {
    return this.#queue.size;
  }

  /** When the next event is due; Infinity when nothing will ever happen again. */
  get nextTime(): Micros {
    return this.#queue.nextTime;
  }

  random(name: string): Stream {
    return this.#streams.stream(name);
  }

  process(name: string): Process {
    return new Process(this.#processes++, name);
  }

  /** Calls `action(argument)` as an event of `owner`, `delay` micros from now. */
  schedule<T>(owner: Process, delay: Micros, kind: number, action: Action<T>, argument: T): Handle {
    return this.#queue.add(this.#now + delay, owner, kind, action, argument);
  }

  cancel(handle: Handle): boolean {
    return this.#queue.cancel(handle);
  }

  /** Runs the next event whose owner can run; false when none is left. */
  step(): boolean {
    for (;;) {
      const time = this.#queue.nextTime;
      const slot = this.#queue.take();
      if (slot < 0) return false;
      const owner = this.#queue.owner(slot);
      if (!owner.alive) {
        this.#queue.free(slot);
        continue;
      }
      if (owner.paused) {
        owner.held.push(this.#queue.handle(slot));
        continue;
      }
      this.#run(slot, time, owner);
      return true;
    }
  }

  #run(slot: number, time: Micros, owner: Process): void {
    const kind = this.#queue.kind(slot);
    this.hashLog?.close(this.hash);
    this.#now = time;
    this.#events++;
    this.hash.integer(time);
    this.hash.word((owner.id << 8) | kind);
    this.hashLog?.open(time, owner.id, owner.name, kind);
    try {
      this.#queue.fire(slot);
    } catch (error) {
      this.crashed(owner, error);
    }
  }

  /** Continues a paused process: what came due meanwhile happens now, in its order. */
  resume(process: Process): void {
    process.unpause();
    const { held } = process;
    process.held = [];
    for (const handle of held) this.#queue.restore(handle, this.#now);
  }

  /** Reports an exception that `process` did not catch. */
  crashed(process: Process, error: unknown): void {
    const crash = { at: this.#now, process, error };
    this.crashes.push(crash);
    this.onCrash(crash);
  }

  trace(node: string, event: TraceEvent): void {
    this.hash.text(node);
    this.hash.data(event);
    if (this.#traceWatchers.length === 0) return;
    const record = { at: this.#now, node, event };
    for (const watch of this.#traceWatchers) watch(record);
  }

  log(record: NodeLog): void {
    this.hash.text(record.node);
    this.hash.text(record.message);
    for (const watch of this.#logWatchers) watch(record);
  }

  onTrace(watch: (record: TraceRecord) => void): void {
    this.#traceWatchers.push(watch);
  }

  onLog(watch: (record: NodeLog) => void): void {
    this.#logWatchers.push(watch);
  }
}

/**
 * A standby's side of hearing what the active node changes: the keys wait until the storage that this node reads has
 * reached their index. Read anew any earlier they would bring the old value, and nobody would say so again.
 */
import { type Micros, MILLISECOND, type Runtime, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { pause } from '../../ticker.ts';
import type { StorageIndex } from '../config.ts';
import type { ForwardingClient } from './forwarding-client.ts';
import type { Invalidations } from './invalidations.ts';

/** Between two looks at how far the storage has come. */
const LOOK: Micros = 10 * MILLISECOND;
/** How long the active node may take to say that there was nothing else. */
const PATIENCE: Micros = 2 * SECOND;

interface Told {
  readonly keys: readonly string[];
  readonly order: number;
}

interface Stream {
  readonly scope: Scope;
  readonly told: Told[];
  working: boolean;
  /** Up to where this node knows of everything; -1 before the stream has begun. */
  known: number;
  waiting: (() => void)[];
  mark(): void;
}

export class ToldChanges {
  readonly #runtime: Runtime;
  readonly #index: StorageIndex;
  readonly #invalidations: Invalidations;
  readonly #ended: () => void;
  #stream: Stream | undefined;

  /** `ended`: what is read from now on may be old. */
  constructor(runtime: Runtime, index: StorageIndex, invalidations: Invalidations, ended: () => void) {
    this.#runtime = runtime;
    this.#index = index;
    this.#invalidations = invalidations;
    this.#ended = ended;
  }

  /** Resolves when the storage has what the stream begins with: what is read from then on is told when it changes. */
  async begin(client: ForwardingClient): Promise<void> {
    this.end();
    const stream: Stream = {
      scope: new Scope(),
      told: [],
      working: false,
      known: -1,
      waiting: [],
      mark: () => undefined,
    };
    this.#stream = stream;
    try {
      stream.mark = await client.follow({
        changed: (keys, index) => this.#hear(stream, keys, index),
        ended: (error) => this.#end(stream, error),
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      stream.scope.cancel(new Error(why));
      throw new Error(`failed starting invalidation stream: ${why}`, { cause: error });
    }
    if (!(await this.#until(stream, 0))) throw stream.scope.reason ?? new Error('the stream of changes has ended');
  }

  /** Whether this node, which serves reads, knows of all that was written up to there. */
  async caughtUp(value: string): Promise<boolean> {
    const stream = this.#stream;
    const order = this.#index.order(value);
    if (order === undefined) return true;
    if (stream === undefined || stream.scope.cancelled) return false;
    if (stream.known >= order) return true;
    // The index may have grown by itself.
    stream.mark();
    const timer = this.#runtime.clock.after(PATIENCE, () => wake(stream));
    const end = this.#runtime.clock.monotonic() + PATIENCE;
    try {
      return await this.#until(stream, order, () => this.#runtime.clock.monotonic() >= end);
    } finally {
      timer.cancel();
    }
  }

  /** The same for all that is in the storage by now. */
  async catchUp(): Promise<boolean> {
    return this.caughtUp(await this.#index.now());
  }

  end(): void {
    const stream = this.#stream;
    if (stream === undefined || stream.scope.cancelled) return;
    stream.scope.cancel(new Error('not needed any more'));
    wake(stream);
    this.#tellEnd('rpc error: code = Canceled desc = context canceled');
  }

  /** False when the stream ended, or somebody lost patience, before. */
  async #until(stream: Stream, order: number, over: () => boolean = () => false): Promise<boolean> {
    while (stream.known < order) {
      if (stream.scope.cancelled || over()) return false;
      await new Promise<void>((resolve) => stream.waiting.push(resolve));
    }
    return !stream.scope.cancelled;
  }

  #hear(stream: Stream, keys: readonly string[], index: string): void {
    if (stream.scope.cancelled) return;
    const order = this.#index.order(index);
    if (order === undefined) return this.#end(stream, new Error(`no index: ${index}`));
    if (stream.known < 0 && stream.told.length === 0) {
      this.#runtime.log.write('debug', 'core', 'awaiting GRPC-indicated start checkpoint', { index });
    }
    stream.told.push({ keys, order });
    if (!stream.working) void this.#work(stream);
  }

  async #work(stream: Stream): Promise<void> {
    stream.working = true;
    try {
      for (let first = stream.told[0]; first !== undefined; first = stream.told[0]) {
        const reached = await this.#reach(stream, first.order);
        if (reached === undefined) return;
        let order = first.order;
        const keys: string[] = [];
        for (let next = stream.told[0]; next !== undefined && next.order <= reached; next = stream.told[0]) {
          stream.told.shift();
          keys.push(...next.keys);
          order = next.order;
        }
        this.#measure(stream.told.length);
        this.#invalidations.add(keys, order);
        await this.#invalidations.idle();
        if (stream.scope.cancelled) return;
        stream.known = order;
        wake(stream);
      }
    } catch (error) {
      this.#end(stream, error);
    } finally {
      stream.working = false;
    }
  }

  /** Whose cluster it is nobody has told yet when upstream's queue is made. */
  #measure(left: number): void {
    const { metrics } = this.#runtime;
    metrics?.gauge('vault.grpc-invalidation.job_manager.total_jobs', left, { cluster: '' });
    metrics?.gauge('vault.grpc-invalidation.job_manager.queue_length', left, {
      cluster: '',
      queue_id: 'invalidations',
    });
  }

  /** How far the storage is, once that is far enough; undefined when the stream has ended meanwhile. */
  async #reach(stream: Stream, order: number): Promise<number | undefined> {
    while (!stream.scope.cancelled) {
      const own = this.#index.order(await this.#index.now()) ?? 0;
      if (own >= order) return own;
      await pause(this.#runtime.clock, LOOK, stream.scope);
    }
    return undefined;
  }

  #end(stream: Stream, error: unknown): void {
    if (stream.scope.cancelled) return;
    stream.scope.cancel(error instanceof Error ? error : new Error(String(error)));
    wake(stream);
    const why = stream.scope.reason?.message;
    const err =
      why === 'EOF' || why === 'the stream has ended'
        ? 'rpc error: code = Unavailable desc = error reading from server: EOF'
        : why;
    this.#tellEnd(err);
    this.#ended();
  }

  #tellEnd(err: string | undefined): void {
    this.#runtime.log.write('warn', 'core', 'forwarding: error receiving invalidation from active node', { err });
  }
}

function wake(stream: Stream): void {
  const { waiting } = stream;
  stream.waiting = [];
  for (const resume of waiting) resume();
}

/** The machines that the simulated PostgreSQL runs on: a primary, and a replica where there is one; both keep their data. */
import { parseDuration } from '../../core/codec/duration.ts';
import type { Connection, Runtime } from '../../core/runtime.ts';
import { type Distribution, uniform } from '../distribution.ts';
import { TIMER } from '../event-kinds.ts';
import type { Fault } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Simulation } from '../simulation.ts';
import { type LogRecord, Refused, RowDatabase } from './database.ts';
import { RowLocks } from './row-locks.ts';
import { Session } from './session.ts';
import { decodeStatement, encodeAnswer } from './wire.ts';

const PORT = 5432;

export class PostgresServer {
  readonly name: string;
  /** How long it takes over a statement. */
  latency: Distribution = uniform(100, 400);
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #database: RowDatabase;
  #open: Fault | undefined;

  /** It is up at once. */
  constructor(simulation: Simulation, name: string, options: { readonly readOnly?: boolean } = {}) {
    this.name = name;
    this.#simulation = simulation;
    this.#database = new RowDatabase(options.readOnly);
    const work = simulation.world.random(`${name}/work`);
    this.#machine = simulation.client(name);
    this.#machine.start((runtime) => {
      const locks = new RowLocks<Session>();
      runtime.network.listen(this.address, (connection) => {
        const session = new Session(this.#database, locks, () => runtime.clock.wall());
        connection.onMessage(
          (message) => void answer(runtime, connection, session, message, this.latency.sample(work)),
        );
        connection.onClose(() => session.close());
      });
    });
  }

  get address(): string {
    return `${this.name}:${PORT}`;
  }

  /** The machine is off: connections break, and what was committed is there when it is up again. */
  down(): void {
    this.#open = this.#simulation.faults.begin('database down', [this.name]);
    this.#machine.kill();
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    if (this.#open !== undefined) this.#simulation.faults.end(this.#open);
    this.#open = undefined;
  }

  /** By which locks expire. */
  jumpClock(by: string): void {
    this.#simulation.faults.note('clock jump', [this.name]);
    this.#machine.clock.jump(parseDuration(by));
  }

  /** Everything that is committed from now on arrives there as much later. */
  replicateTo(replica: PostgresServer, lag: Distribution): void {
    const chance = this.#simulation.world.random(`${replica.name}/lag`);
    const log: LogRecord[] = [];
    this.#database.committed = (record) => {
      log.push(record);
      replica.#later(lag.sample(chance), () => {
        // Those before it first, however late they would be.
        while (log.length > 0 && log[0]!.position <= record.position) replica.#database.apply(log.shift()!);
      });
    };
  }

  #later(delay: number, action: () => void): void {
    this.#simulation.world.schedule(this.#simulation.world.root, delay, TIMER, action, undefined);
  }
}

async function answer(
  runtime: Runtime,
  connection: Connection,
  session: Session,
  message: Uint8Array,
  work: number,
): Promise<void> {
  const { text, values } = decodeStatement(message);
  await runtime.clock.sleep(work);
  try {
    connection.send(encodeAnswer(await session.run(text, values)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    connection.send(encodeAnswer(error.message));
  }
}

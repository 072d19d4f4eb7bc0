/**
 * A directory as nodes see it: people under one suffix, and what goes wrong with directories: gone, slow, losing its
 * answers.
 */
import type { Message, Request } from '../../core/codec/ldap/message.ts';
import { encodeMessage } from '../../core/codec/ldap/message.ts';
import type { Connection, Runtime } from '../../core/runtime.ts';
import type { Distribution } from '../distribution.ts';
import type { Fault } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { DirectoryApi, DirectorySession, type EntryPlan, PEOPLE, ROOT } from './directory-api.ts';

const PORT = 389;

export class DirectoryServer {
  readonly name = 'directory';
  /** How long it thinks about a request. */
  latency: Distribution | undefined;
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #thinking: Stream;
  /** Survives restarts. */
  readonly #api: DirectoryApi;
  #mute = false;
  /** Requests that the present fault has hit. */
  #denied = 0;
  #open: Fault | undefined;

  /** It is up at once, with accounts whose passwords are their names. */
  constructor(simulation: Simulation, accounts: readonly string[]) {
    this.#simulation = simulation;
    this.#thinking = simulation.world.random(`${this.name}/latency`);
    const people = accounts.map((account): EntryPlan => {
      return [`uid=${account},${PEOPLE}`, { uid: [account], userPassword: [account] }];
    });
    this.#api = new DirectoryApi(people);
    this.#machine = simulation.client(this.name);
    this.#machine.start((runtime) => {
      runtime.network.listen(`${this.name}:${PORT}`, (connection) => this.#serve(connection, runtime));
    });
  }

  /** As a mount is configured with. */
  get config(): Record<string, string> {
    return { url: `ldap://${this.name}`, userdn: PEOPLE, userattr: 'uid', binddn: ROOT, bindpass: 'first' };
  }

  /** Of an account; that which is in force. */
  passwordOf(account: string): string | undefined {
    return this.#api.valueOf(`uid=${account},${PEOPLE}`, 'userPassword');
  }

  /** The machine is off; its entries last. */
  down(): void {
    this.#begin('directory down', () => true);
    this.#machine.kill();
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    this.#mute = false;
    if (this.#open !== undefined) this.#simulation.faults.end(this.#open);
    this.#open = undefined;
  }

  /** It changes what it is asked to, and nobody hears of it. */
  loseAnswers(): void {
    this.#begin('directory loses answers', () => this.#denied > 0);
    this.#mute = true;
  }

  #begin(what: string, bit: () => boolean): void {
    this.#denied = 0;
    this.#open = this.#simulation.faults.begin(what, [this.name], bit);
  }

  #serve(connection: Connection, runtime: Runtime): void {
    const session = new DirectorySession();
    connection.onMessage((piece) => {
      for (const message of session.receive(piece)) void this.#answer(connection, runtime, message, session);
    });
    connection.onClose(() => {});
  }

  async #answer(
    connection: Connection,
    runtime: Runtime,
    message: Message<Request>,
    session: DirectorySession,
  ): Promise<void> {
    if (this.latency !== undefined) await runtime.clock.sleep(this.latency.sample(this.#thinking));
    const { id, body } = message;
    const changes = body.kind === 'modify' || body.kind === 'add' || body.kind === 'delete';
    const { said, bound } = this.#api.answer(message, session.bound);
    session.bound = bound;
    if (this.#mute && changes) {
      this.#denied++;
      return;
    }
    for (const one of said) connection.send(encodeMessage({ id, ...one }));
  }
}

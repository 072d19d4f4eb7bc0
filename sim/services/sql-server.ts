/**
 * A PostgreSQL whose users the database engine manages, as nodes see it; and what goes wrong with databases: gone, slow,
 * refusing, losing its answers, and breaking off before or after it has done what it was asked.
 */
import { asBoolean, asList, asString, asStrings } from '../../core/codec/json-fields.ts';
import { type JsonObject, parseObject, print } from '../../core/codec/json.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Connection, Micros, Runtime } from '../../core/runtime.ts';
import type { Cluster } from '../cluster.ts';
import type { Distribution } from '../distribution.ts';
import type { Fault } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { runToySql, ToySqlError, type ToyUsers } from './toy-sql.ts';

const PORT = 5432;
const ADMIN = 'admin';
const FIRST_PASSWORD = 'first';

type Mood = 'well' | 'refusing' | 'mute' | 'breaking';

export class SqlServer {
  readonly name: string;
  /** How long it thinks about a request. */
  latency: Distribution | undefined;
  /** Requests that were carried out. */
  served = 0;
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #chance: Stream;
  /** Survives restarts. */
  #users: ToyUsers = new Map([[ADMIN, { password: FIRST_PASSWORD }]]);
  #wall: () => Micros = () => 0;
  #mood: Mood = 'well';
  /** Requests that the present fault has hit. */
  #hit = 0;
  #open: Fault | undefined;

  /** It is up at once. */
  constructor(simulation: Simulation, name = 'db') {
    this.name = name;
    this.#simulation = simulation;
    this.#chance = simulation.world.random(`${name}/chance`);
    this.#machine = simulation.client(name);
    this.#machine.start((runtime) => {
      this.#wall = () => runtime.clock.wall();
      runtime.network.listen(`${name}:${PORT}`, (connection) => {
        connection.onMessage((message) => void this.#serve(runtime, connection, message));
      });
    });
  }

  /** As a connection is configured with. */
  get config(): JsonObject {
    return {
      plugin_name: 'postgresql-database-plugin',
      connection_url: `postgresql://{{username}}:{{password}}@${this.name}:${PORT}/app`,
      username: ADMIN,
      password: FIRST_PASSWORD,
      allowed_roles: '*',
    };
  }

  /** Mounts the engine at database/, with a connection `db` to this server. */
  async manageBy(bao: Cluster): Promise<void> {
    await bao.mount('database', 'database');
    await bao.request('POST', 'database/config/db', this.config);
  }

  get users(): ReadonlySet<string> {
    return new Set(this.#users.keys());
  }

  /** A user that is there before anybody manages it. */
  addUser(name: string, password: string): void {
    this.#users.set(name, { password });
  }

  /** Whether somebody with this password would be let in now, if the server is up. */
  lets(name: string, password: string): boolean {
    const user = this.#users.get(name);
    return user !== undefined && user.password === password && (user.until === undefined || this.#wall() < user.until);
  }

  /** The machine is off; its users last. */
  down(): void {
    this.#begin('database down', () => true);
    this.#machine.kill();
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    this.#mood = 'well';
    if (this.#open !== undefined) this.#simulation.faults.end(this.#open);
    this.#open = undefined;
  }

  /** It has no connection left for anybody. */
  refuse(): void {
    this.#begin('database refuses');
    this.#mood = 'refusing';
  }

  /** It changes what it is asked to, and nobody hears of it. */
  loseAnswers(): void {
    this.#begin('database loses answers');
    this.#mood = 'mute';
  }

  /** Each connection breaks: before it was done, after it, or when only the first statements were. */
  breakOff(): void {
    this.#begin('database breaks off');
    this.#mood = 'breaking';
  }

  #begin(what: string, bit: () => boolean = () => this.#hit > 0): void {
    this.#hit = 0;
    this.#open = this.#simulation.faults.begin(what, [this.name], bit);
  }

  async #serve(runtime: Runtime, connection: Connection, message: Uint8Array): Promise<void> {
    if (this.latency !== undefined) await runtime.clock.sleep(this.latency.sample(this.#chance));
    const { user, password, statements, transaction } = parseObject(message);
    const asked = (asList(statements) ?? []).map((one) => asStrings(one) ?? []);
    if (this.#mood !== 'well') this.#hit++;
    const name = asString(user) ?? '';
    if (this.#mood === 'refusing') return answer(connection, { refused: TOO_MANY });
    if (!this.lets(name, asString(password) ?? '')) {
      return answer(connection, {
        refused: `failed SASL auth: FATAL: password authentication failed for user "${name}" (SQLSTATE 28P01)`,
      });
    }
    const broken = this.#mood === 'breaking';
    const most = broken ? this.#chance.below(asked.length + 1) : asked.length;
    const changes = asBoolean(transaction) ?? false;
    const result = this.#run(asked, changes, most);
    if (broken || (changes && this.#mood === 'mute')) connection.close();
    else answer(connection, result);
  }

  /** No more than `most` of the statements; a transaction that did not come to its end leaves nothing behind. */
  #run(statements: readonly string[][], transaction: boolean, most: number): JsonObject {
    const users = transaction ? new Map(this.#users) : this.#users;
    const rows: string[][][] = [];
    try {
      for (const statement of statements.slice(0, most)) rows.push(runToySql(users, statement));
    } catch (error) {
      if (!(error instanceof ToySqlError)) throw error;
      return { error: error.message };
    }
    if (most === statements.length) {
      this.#users = users;
      this.served++;
    }
    return { rows };
  }
}

const TOO_MANY = 'server error: FATAL: sorry, too many clients already (SQLSTATE 53300)';

const answer = (connection: Connection, body: JsonObject): void => connection.send(encodeUtf8(print(body)));

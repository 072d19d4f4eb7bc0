/** Other people's databases as machines on the simulated network: a connection a use, one message there and one back. */
import { asList, asString } from '../core/codec/json-fields.ts';
import { type JsonValue, parseObject, print } from '../core/codec/json.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { Clock, Database, Databases, DatabaseSpec, DatabaseStatement, Network } from '../core/runtime.ts';
import { DatabaseError, NetworkError, SECOND } from '../core/runtime.ts';

const CONNECT = 10 * SECOND;
const ANSWER = 10 * SECOND;
const ADDRESS = /^postgresql:\/\/([^:]*):([^@]*)@([^/]+)\/(\w+)/;

export class ProcessDatabases implements Databases {
  readonly #network: Network;
  readonly #clock: Clock;

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  open({ address }: DatabaseSpec): Database {
    const found = ADDRESS.exec(address);
    if (found === null) throw new DatabaseError('cannot parse connection url: invalid keyword/value');
    const [, user, password, host, database] = found.map((part) => decodeURIComponent(part));
    const login = `failed to connect to \`user=${user} database=${database}\`: ${host}`;
    const run = async (statements: readonly DatabaseStatement[], transaction: boolean) => {
      const asked = print({ user: user!, password: password!, statements, transaction });
      return this.#exchange(host!, login, encodeUtf8(asked));
    };
    return {
      ping: async () => void (await run([], false)),
      run: (statements, { transaction }) => run(statements, transaction),
      close: () => Promise.resolve(),
    };
  }

  async #exchange(host: string, login: string, asked: Uint8Array): Promise<string[][][]> {
    const connection = await this.#network.dial(host, CONNECT).catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      throw new DatabaseError(`${login}: dial error: ${error.message}`, { away: true });
    });
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(ANSWER, () => {
        connection.close();
        reject(new DatabaseError('timeout: context deadline exceeded'));
      });
      connection.onMessage((message) => {
        timer.cancel();
        connection.close();
        const { error, refused, rows } = parseObject(message);
        if (typeof refused === 'string') reject(new DatabaseError(`${login}: ${refused}`, { away: true }));
        else if (typeof error === 'string') reject(new DatabaseError(error));
        else resolve(rowsOf(rows));
      });
      connection.onClose(() => {
        timer.cancel();
        reject(new DatabaseError('unexpected EOF'));
      });
      connection.send(asked);
    });
  }
}

const rowsOf = (all: JsonValue | undefined): string[][][] =>
  (asList(all) ?? []).map((rows) =>
    (asList(rows) ?? []).map((row) => (asList(row) ?? []).map((one) => asString(one) ?? '')),
  );

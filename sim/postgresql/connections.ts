/** A node's connections to the simulated PostgreSQL: kept while they hold, made as they are needed. */
import { StorageFailed } from '../../core/fault.ts';
import { type Connection, type Network, NetworkError, SECOND } from '../../core/runtime.ts';
import type { SqlAnswer, SqlConnections, SqlSession, SqlValue } from '../../core/storage/postgresql/sql.ts';
import { decodeAnswer, encodeStatement } from './wire.ts';

const CONNECT = 10 * SECOND;

interface Pending {
  resolve(answer: SqlAnswer): void;
  reject(error: Error): void;
}

/** One statement at a time. */
class Line {
  readonly #connection: Connection;
  #pending: Pending | undefined;
  broken = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onMessage((message) => {
      const pending = this.#pending;
      this.#pending = undefined;
      const answer = decodeAnswer(message);
      if (typeof answer === 'string') pending?.reject(new StorageFailed(answer));
      else pending?.resolve(answer);
    });
    connection.onClose(() => {
      this.broken = true;
      this.#pending?.reject(new StorageFailed('unexpected EOF'));
      this.#pending = undefined;
    });
  }

  query(text: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    if (this.broken) return Promise.reject(new StorageFailed('conn closed'));
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#connection.send(encodeStatement({ text, values }));
    });
  }
}

export class ProcessConnections implements SqlConnections {
  readonly #network: Network;
  readonly #address: string;
  readonly #idle: Line[] = [];

  constructor(network: Network, address: string) {
    this.#network = network;
    this.#address = address;
  }

  async query(text: string, ...values: readonly SqlValue[]): Promise<SqlAnswer> {
    const session = await this.session();
    try {
      return await session.query(text, ...values);
    } finally {
      session.release();
    }
  }

  async session(): Promise<SqlSession> {
    const line = this.#kept() ?? (await this.#dial());
    return {
      query: (text, ...values) => line.query(text, values),
      release: () => {
        if (!line.broken) this.#idle.push(line);
      },
    };
  }

  #kept(): Line | undefined {
    for (;;) {
      const line = this.#idle.pop();
      if (line === undefined || !line.broken) return line;
    }
  }

  async #dial(): Promise<Line> {
    try {
      return new Line(await this.#network.dial(this.#address, CONNECT));
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw new StorageFailed(`failed to connect to ${this.#address}: dial error: ${error.message}`);
    }
  }
}

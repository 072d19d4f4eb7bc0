/** Redis and Valkey. Their protocol (RESP) is so small that a driver would be more than what it drives. */
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { parseReply, type RedisReply } from './resp.ts';

const CONNECT_MILLIS = 10_000;
const ANSWERED = 'response returned from Conn: ';

/** One connection a use: users are changed too seldom for keeping any. */
export function openRedis(spec: DatabaseSpec): Database {
  const run = async (statements: readonly DatabaseStatement[]): Promise<string[][][]> => {
    const { username = '', password = '' } = spec.login ?? {};
    const login: DatabaseStatement[] =
      password === '' ? [] : [['AUTH', ...(username === '' ? [] : [username]), password]];
    const replies = await exchange(spec, login, statements);
    return replies.slice(login.length).map((reply) => (reply === null ? [] : [[JSON.stringify(reply)]]));
  };
  return {
    // Upstream only opens a connection: without a login nothing is asked.
    ping: async () => void (await run([])),
    run: (statements) => run(statements),
    close: () => Promise.resolve(),
  };
}

const command = (words: DatabaseStatement): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

function exchange(
  spec: DatabaseSpec,
  login: readonly DatabaseStatement[],
  statements: readonly DatabaseStatement[],
): Promise<RedisReply[]> {
  const commands = [...login, ...statements];
  const colon = spec.address.lastIndexOf(':');
  const place = { host: spec.address.slice(0, colon), port: Number(spec.address.slice(colon + 1)) };
  const { tls } = spec;
  const socket =
    tls === undefined
      ? process.getBuiltinModule('node:net').connect(place)
      : process.getBuiltinModule('node:tls').connect({
          ...place,
          ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          rejectUnauthorized: tls.skipVerify !== true,
        });
  return new Promise<RedisReply[]>((resolve, reject) => {
    const replies: RedisReply[] = [];
    const next = (): void => {
      if (replies.length === commands.length) resolve(replies);
      else socket.write(command(commands[replies.length]!));
    };
    let received = Buffer.alloc(0);
    socket.setTimeout(CONNECT_MILLIS, () => socket.destroy(new Error('i/o timeout')));
    socket.on('error', (error) => reject(new DatabaseError(dialError(error, spec.address).message)));
    socket.on('close', () => reject(new DatabaseError('EOF')));
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => next());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let found = parseReply(received); found !== undefined; found = parseReply(received)) {
        received = received.subarray(found.length);
        const { reply } = found;
        if (reply instanceof Error) {
          // Whoever is not let in has no connection.
          return reject(new DatabaseError(ANSWERED + reply.message, { away: replies.length < login.length }));
        }
        replies.push(reply);
        next();
      }
    });
  }).finally(() => socket.destroy());
}

/** Redis and Valkey: users are rows of their access control list. */
import { parseGoUrl } from '../../../codec/go-url.ts';
import { failure } from '../../../fault.ts';
import { DatabaseError, NetworkError, type DatabaseStatement } from '../../../runtime.ts';
import { texts } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails } from './details.ts';
import { naming, openedLate, type Plugin, type PluginFactory } from './plugin.ts';

const USERNAME =
  '{{ printf "V_%s_%s_%s_%s" (.DisplayName | uppercase | truncate 8) (.RoleName | uppercase | truncate 8) (random 20 | uppercase) (unix_time) | truncate 63 }}';
const USUAL_RULES = ['~*', '+@read'];
const ANSWERED = 'response returned from Conn';

/** This one answer goes by another name in upstream. */
function otherwise(error: unknown): never {
  if (!(error instanceof DatabaseError) || error.away) throw error;
  throw failure(error.message.replace(ANSWERED, 'valkey error returned'));
}

const FIELDS = {
  host: 'text',
  port: 'int',
  username: 'text',
  password: 'text',
  tls: 'bool',
  insecure_tls: 'bool',
  ca_cert: 'text',
  connection_url: 'text',
} as const;

interface Place {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

function stated({ host, port, username, password }: Place): Place {
  if (host === '') throw failure('host cannot be empty');
  if (port === 0) throw failure('port cannot be empty');
  if (username === '') throw failure('username cannot be empty');
  if (password === '') throw failure('password cannot be empty');
  return { host, port, username, password };
}

/** Of any scheme. Without a login in it, there is none. */
function fromUrl(text: string, beside: Place & { readonly tls: boolean }): Place {
  const { host, port, username, password, tls } = beside;
  if (host !== '' || port !== 0 || username !== '' || password !== '' || tls) {
    throw failure('cannot specify both connection_url and individual connection parameters');
  }
  const url = parseGoUrl(text);
  if (url === undefined) throw new NetworkError('unreachable', 'invalid URL');
  return { host: url.host, port: Number(url.port), username: url.username, password: url.password };
}

export const redis: PluginFactory = (details, runtime) => {
  const read = decodeDetails(details, FIELDS);
  const {
    host,
    port,
    username: admin,
    password: secret,
  } = read.connection_url === '' ? stated(read) : fromUrl(read.connection_url, read);
  // A template of the connection's own is kept, but never looked at.
  const names = usernameTemplate({}, USERNAME, runtime);
  const database = openedLate(() => {
    if (runtime.databases === undefined) throw failure('no databases can be reached from here');
    return runtime.databases.open({
      kind: 'redis',
      address: `${host}:${port}`,
      login: { username: admin, password: secret },
      maxOpen: 1,
      maxLifetime: 0,
      ...(read.tls
        ? { tls: { ...(read.ca_cert === '' ? {} : { ca: read.ca_cert }), skipVerify: read.insecure_tls } }
        : {}),
    });
  });
  const run = (statement: DatabaseStatement) => database.run([statement], { transaction: false });
  return {
    secrets: new Map([
      ['password', secret],
      ['username', admin],
    ]),
    verify: () => naming('error verifying connection', database.ping()),
    async newUser({ name, statements, password }) {
      const username = names(name);
      const given = statements.filter((one) => one !== '');
      const rules = given.length === 0 ? USUAL_RULES : given.flatMap((one) => texts(one.trim()) ?? [one]);
      await naming('', run(['ACL', 'SETUSER', username, 'ON', `>${password}`, ...rules]));
      return username;
    },
    async updateUser({ username, password }) {
      if (password === undefined) return;
      const what = `reset of passwords for user ${username} failed in changeUserPassword`;
      const [rows] = await naming('', run(['ACL', 'GETUSER', username]).catch(otherwise));
      if (rows!.length === 0) throw failure(`${what}: ${ANSWERED}: expected prefix "array", got "blob-string"`);
      await naming(what, run(['ACL', 'SETUSER', username, 'RESETPASS', `>${password.value}`]));
    },
    async deleteUser(username) {
      await naming('', run(['ACL', 'DELUSER', username]));
    },
    close: () => database.close(),
  } satisfies Plugin;
};

/** InfluxDB 1, over its HTTP API. */
import { encodeBase64 } from '../../../codec/base64.ts';
import { escapePathSegment } from '../../../codec/go-url.ts';
import { asList, asObject, asString } from '../../../codec/json-fields.ts';
import { type JsonObject, type JsonValue, parseObject } from '../../../codec/json.ts';
import { multierror } from '../../../codec/multierror.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Crypto } from '../../../crypto/crypto.ts';
import { failure, Fault } from '../../../fault.ts';
import { NetworkError, SECOND, type OutgoingResponse, type OutgoingTls, type Runtime } from '../../../runtime.ts';
import { filled, split, type Values } from '../statements.ts';
import { usernameTemplate } from '../username.ts';
import { decodeDetails, durationDetail } from './details.ts';
import { type Chain, tlsOfChain } from './pem-chain.ts';
import { issuedTls } from './pem.ts';
import { naming, orUsual, runAll, textOf, type PluginFactory } from './plugin.ts';

const USERNAME =
  '{{ printf "v_%s_%s_%s_%s" (.DisplayName | truncate 15) (.RoleName | truncate 15) (random 20) (unix_time) | truncate 100 | replace "-" "_" | lowercase }}';
const CREATE = `CREATE USER "{{username}}" WITH PASSWORD '{{password}}';`;
const DROP = 'DROP USER "{{username}}";';
const CHANGE_PASSWORD = `SET PASSWORD FOR "{{username}}" = '{{password}}';`;

const USUAL_PORT = '8086';
const USUAL_TIMEOUT = 5 * SECOND;

const FIELDS = {
  host: 'text',
  username: 'text',
  password: 'text',
  port: 'text',
  tls: 'bool',
  insecure_tls: 'bool',
  pem_bundle: 'text',
  pem_json: 'text',
} as const;

export const influxdb: PluginFactory = (details, runtime) => {
  const names = usernameTemplate(details, USERNAME, runtime);
  const read = decodeDetails(details, FIELDS);
  if (read.host === '') throw failure('host cannot be empty');
  if (read.username === '') throw failure('username cannot be empty');
  if (read.password === '') throw failure('password cannot be empty');
  const timeout = durationDetail(details, 'connect_timeout') || USUAL_TIMEOUT;
  const shown = tlsOf(read, runtime.crypto);
  const secure = read.tls || shown !== undefined;
  const server: Server = {
    runtime,
    base: `${secure ? 'https' : 'http'}://${read.host}:${read.port === '' ? USUAL_PORT : read.port}`,
    authorization: `Basic ${encodeBase64(encodeUtf8(`${read.username}:${read.password}`))}`,
    timeout,
    tls: secure ? { ...shown?.tls, skipVerify: read.insecure_tls } : undefined,
    keyMissing: shown?.keyMissing === true,
  };
  const all = async (statements: readonly string[], values: Values): Promise<void> => {
    await runAll(statements.flatMap(split), (text) => query(server, filled(text, values)));
  };
  return {
    verify: () => naming('error verifying connection', verify(server, read.username)),
    async newUser({ name, statements, rollback, password }) {
      const username = names(name);
      const values = { username, password };
      try {
        for (const text of orUsual(statements, CREATE).flatMap(split)) await query(server, filled(text, values));
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await all(orUsual(rollback, DROP), { username }).catch((again: unknown) => {
          const shown = { username, error: textOf(again) };
          runtime.log.write('error', '', 'failed to roll back the making of a user', shown);
        });
        throw failure(`failed to run query in InfluxDB: ${multierror(error.message)}`);
      }
      return username;
    },
    // There is nothing in InfluxDB that ends a user by itself.
    async updateUser({ username, password }) {
      if (password === undefined) return;
      const changing = all(orUsual(password.statements, CHANGE_PASSWORD), { username, password: password.value });
      await naming(`failed to change "${username}" password: failed to execute rotation queries`, changing);
    },
    deleteUser: (username, statements) =>
      naming('failed to delete user cleanly', all(orUsual(statements, DROP), { username })),
    close: () => Promise.resolve(),
  };
};

interface Server {
  readonly runtime: Runtime;
  readonly base: string;
  readonly authorization: string;
  readonly timeout: number;
  readonly tls: OutgoingTls | undefined;
  readonly keyMissing: boolean;
}

async function ask(server: Server, method: string, path: string): Promise<OutgoingResponse> {
  const { runtime, base, authorization, timeout, tls, keyMissing } = server;
  if (keyMissing) throw failure('found certificate for TLS authentication but no private key');
  const headers = { Authorization: authorization };
  const url = base + path;
  if (!/^https?:\/\/[^/:]+:\d+\//.test(url)) throw new NetworkError('unreachable', `invalid URL ${base}`);
  return runtime.web.request({ method, url, headers, timeout, ...(tls === undefined ? {} : { tls }) });
}

/** Rows of the first series of each statement. */
async function query(server: Server, text: string): Promise<readonly (readonly JsonValue[])[]> {
  const answer = await ask(server, 'POST', `/query?db=&params=%7B%7D&q=${escapeQuery(text)}`);
  const body = bodyOf(answer);
  const results = (asList(body['results']) ?? []).map((one) => asObject(one) ?? {});
  for (const { error } of [body, ...results]) if (typeof error === 'string') throw failure(error);
  if (answer.status !== 200) throw failure(`received status code ${answer.status} from server`);
  const series = results.flatMap((result) => asList(result['series']) ?? []);
  return series.flatMap((one) => asList((asObject(one) ?? {})['values']) ?? []).map((row) => asList(row) ?? []);
}

const escapeQuery = (text: string): string => escapePathSegment(text).replace(/[$&+:=@]/g, encodeURIComponent);

function bodyOf({ status, body }: OutgoingResponse): JsonObject {
  try {
    return parseObject(body);
  } catch {
    throw failure(`received status code ${status} from server`);
  }
}

async function verify(server: Server, username: string): Promise<void> {
  const ping = await ask(server, 'GET', '/ping?wait_for_leader=5s');
  if (ping.status !== 204) throw failure(`error checking cluster status: received status code ${ping.status}`);
  const users = await naming('error getting if provided username is admin', query(server, 'SHOW USERS'));
  if (users.some(([name, admin]) => asString(name) === username && admin === true)) return;
  throw failure('the provided user is not an admin of the influxDB server');
}

/** Certificates and a key one after the other, or as the PKI engine gives them out. */
function tlsOf(
  { pem_bundle, pem_json }: { readonly pem_bundle: string; readonly pem_json: string },
  crypto: Crypto,
): Chain | undefined {
  if (pem_bundle === '') return pem_json === '' ? undefined : { tls: issuedTls(issued(pem_json)), keyMissing: false };
  try {
    return tlsOfChain(crypto, pem_bundle);
  } catch (error) {
    throw error instanceof Fault ? failure(`error parsing the given PEM information: ${error.message}`) : error;
  }
}

function issued(text: string): JsonObject {
  try {
    const body = parseObject(encodeUtf8(text));
    return asObject(body['data']) ?? body;
  } catch {
    const form = 'it must be in the format of the output of the PKI backend certificate issuing command';
    throw failure(`could not parse given JSON; ${form}: unable to parse out of either secret data or a secret object`);
  }
}

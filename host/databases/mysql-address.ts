/**
 * Where a MySQL is, as Go's driver is told: `user:password@network(address)/database?name=value&…`, of which only the
 * slash has to be there.
 */
import { DurationError, parseDuration } from '../../core/codec/duration.ts';
import { goAtoi } from '../../core/codec/go-atoi.ts';
import { quote } from '../../core/codec/go-quote.ts';
import { unescape } from '../../core/http/url.ts';
import { DatabaseError, type Micros } from '../../core/runtime.ts';

export interface MysqlTarget {
  readonly user: string;
  readonly password: string;
  /** `tcp`, `unix`, or one that nobody knows. */
  readonly network: string;
  /** `host:port`, or the path of a socket. */
  readonly address: string;
  readonly database: string;
  /** Of a connection's beginning; 0: none. */
  readonly timeout: Micros;
  /** `preferred` is without: whoever listens in could have taken it away. */
  readonly tls: 'none' | 'verified' | 'unverified';
}

const USUAL_PORT = 3306;
const PLACES: Readonly<Record<string, string>> = { tcp: `127.0.0.1:${USUAL_PORT}`, unix: '/tmp/mysql.sock' };

const failed = (why: string): DatabaseError => new DatabaseError(`unable to parse connectionURL: ${why}`);

/** Throws DatabaseError. */
export function parseMysqlAddress(text: string): MysqlTarget {
  const slash = text.lastIndexOf('/');
  if (slash < 0 && text !== '') throw failed('invalid DSN: missing the slash separating the database name');
  const [front, behind] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const at = front.lastIndexOf('@');
  const login = at < 0 ? '' : front.slice(0, at);
  const colon = login.indexOf(':');
  const { network, place } = placeOf(front.slice(at + 1));
  const mark = behind.indexOf('?');
  const tls = settingsOf(mark < 0 ? '' : behind.slice(mark + 1));
  return {
    user: colon < 0 ? login : login.slice(0, colon),
    password: colon < 0 ? '' : login.slice(colon + 1),
    ...tls,
    database: databaseOf(mark < 0 ? behind : behind.slice(0, mark)),
    network,
    address: network === 'tcp' ? withPort(usualPlace(network, place)) : usualPlace(network, place),
  };
}

function placeOf(text: string): { readonly network: string; readonly place: string } {
  const brace = text.indexOf('(');
  if (brace < 0) return { network: text || 'tcp', place: '' };
  if (!text.endsWith(')'))
    throw failed(
      text.includes(')')
        ? 'invalid DSN: did you forget to escape a param value?'
        : 'invalid DSN: network address not terminated (missing closing brace)',
    );
  return { network: text.slice(0, brace) || 'tcp', place: text.slice(brace + 1, -1) };
}

function usualPlace(network: string, place: string): string {
  const found = place || PLACES[network];
  if (found === undefined) throw failed(`default addr for network '${network}' unknown`);
  return found;
}

const withPort = (address: string): string =>
  /^(?:\[[^\]]*\]|[^[\]:]*):[^:]*$/.test(address)
    ? address
    : `${address.includes(':') ? `[${address.replace(/^\[(.*)\]$/, '$1')}]` : address}:${USUAL_PORT}`;

function databaseOf(text: string): string {
  const name = unescape(text);
  if (name !== undefined) return name;
  const at = text.search(/%(?![0-9a-fA-F]{2})/);
  throw failed(`invalid dbname ${quote(text)}: invalid URL escape ${quote(text.slice(at, at + 3))}`);
}

const TRUE = new Set(['1', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'false', 'FALSE', 'False']);
const FLAGS = new Set([
  'allowAllFiles',
  'allowCleartextPasswords',
  'allowFallbackToPlaintext',
  'allowNativePasswords',
  'allowOldPasswords',
  'checkConnLiveness',
  'clientFoundRows',
  'columnsWithAlias',
  'interpolateParams',
  'multiStatements',
  'parseTime',
  'rejectReadOnly',
]);

/** Those that mean something here; the others only have to make sense. */
function settingsOf(query: string): Pick<MysqlTarget, 'timeout' | 'tls'> {
  let timeout = 0;
  let tls: MysqlTarget['tls'] = 'none';
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (FLAGS.has(name)) checkFlag(value);
    else if (name === 'timeout') timeout = durationOf(value);
    else if (name === 'readTimeout' || name === 'writeTimeout') durationOf(value);
    else if (name === 'tls') tls = tlsOf(value);
    else if (name === 'loc') checkZone(value);
    else if (name === 'maxAllowedPacket') checkNumber(value);
  }
  return { timeout, tls };
}

function checkFlag(value: string): void {
  if (!TRUE.has(value) && !FALSE.has(value)) throw failed(`invalid bool value: ${value}`);
}

function durationOf(value: string): Micros {
  try {
    return parseDuration(value);
  } catch (error) {
    throw error instanceof DurationError ? failed(error.message) : error;
  }
}

function tlsOf(value: string): MysqlTarget['tls'] {
  if (TRUE.has(value)) return 'verified';
  if (FALSE.has(value) || value.toLowerCase() === 'preferred') return 'none';
  if (value.toLowerCase() === 'skip-verify') return 'unverified';
  throw failed(`invalid value / unknown config name: ${value}`);
}

function checkZone(value: string): void {
  const zone = unescape(value) ?? value;
  if (zone === '' || zone === 'Local') return;
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw failed(`unknown time zone ${zone}`);
  }
}

function checkNumber(value: string): void {
  const number = goAtoi(value);
  if (typeof number === 'string') throw failed(number);
}

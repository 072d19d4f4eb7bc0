/** What the SQL databases have in common: details of a connection, and its address with the login filled in. */
import { escapePathSegment } from '../../../codec/go-url.ts';
import { formatSeconds } from '../../../codec/rfc3339.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { failure } from '../../../fault.ts';
import { type Database, type DatabaseKind, type Micros, type OutgoingTls, type Runtime } from '../../../runtime.ts';
import { filled } from '../statements.ts';
import { decodeDetails, durationDetail } from './details.ts';

const FIELDS = {
  connection_url: 'text',
  max_open_connections: 'int',
  max_idle_connections: 'int',
  username: 'text',
  password: 'text',
  disable_escaping: 'bool',
  password_authentication: 'text',
  tls_ca: 'text',
  tls_certificate_key: 'text',
  tls_server_name: 'text',
  tls_skip_verify: 'bool',
} as const;

const USUAL_OPEN = 4;

export type SqlDetails = ReturnType<typeof readSqlDetails>;

export function readSqlDetails(details: JsonObject) {
  const read = decodeDetails(details, FIELDS);
  if (read.connection_url === '') throw failure('connection_url cannot be empty');
  return { ...read, lifetime: durationDetail(details, 'max_connection_lifetime') };
}

/** `escapes`: the address is a URL, in which a login cannot stand as it is. */
export function openSql(
  kind: DatabaseKind,
  details: SqlDetails,
  { escapes, tls }: { readonly escapes: boolean; readonly tls?: OutgoingTls | undefined },
  { databases }: Runtime,
): Database {
  if (databases === undefined) throw failure('no databases can be reached from here');
  const { connection_url, username, password, max_open_connections, lifetime } = details;
  const escape = (text: string): string => (escapes && !details.disable_escaping ? escapePathSegment(text) : text);
  return databases.open({
    kind,
    address: filled(connection_url, { username: escape(username), password: escape(password) }),
    maxOpen: max_open_connections === 0 ? USUAL_OPEN : max_open_connections,
    maxLifetime: lifetime,
    ...(tls === undefined ? {} : { tls }),
  });
}

/** When a user's password ends, as SQL wants it. */
export const sqlTime = (wall: Micros): string => `${formatSeconds(wall).replace('T', ' ').replace('Z', '')}+0000`;

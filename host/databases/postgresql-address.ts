/** Addresses of PostgreSQL servers. */
import { DatabaseError } from '../../core/runtime.ts';

export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly sslMode: string;
}

/** A URL, or words like `host=… port=…`. Throws DatabaseError. */
export function parseAddress(address: string): PostgresTarget {
  const words = new Map<string, string>();
  if (/^postgres(ql)?:\/\//.test(address)) {
    let url: URL;
    try {
      url = new URL(address);
    } catch {
      throw new DatabaseError('cannot parse connection url: failed to parse as URL');
    }
    for (const [key, value] of url.searchParams) words.set(key, value);
    if (url.hostname !== '') words.set('host', url.hostname);
    if (url.port !== '') words.set('port', url.port);
    if (url.username !== '') words.set('user', decodeURIComponent(url.username));
    if (url.password !== '') words.set('password', decodeURIComponent(url.password));
    if (url.pathname.length > 1) words.set('dbname', decodeURIComponent(url.pathname.slice(1)));
  } else {
    for (const [, key, quoted, bare] of address.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)) {
      words.set(key!, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
    }
    if (words.size === 0) throw new DatabaseError('cannot parse connection url: invalid keyword/value');
  }
  const user = words.get('user') ?? process.env['USER'] ?? 'root';
  return {
    host: words.get('host') ?? 'localhost',
    port: Number(words.get('port') ?? 5432),
    user,
    password: words.get('password') ?? '',
    database: words.get('dbname') ?? words.get('database') ?? user,
    sslMode: words.get('sslmode') ?? 'prefer',
  };
}

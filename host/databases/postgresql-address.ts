/** Addresses of PostgreSQL servers, as pgx reads them. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { urlFault } from '../../core/codec/go-url-fault.ts';
import { DatabaseError } from '../../core/runtime.ts';

export interface PostgresHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
}

export interface PostgresTarget {
  /** Tried in this order. */
  readonly hosts: readonly PostgresHost[];
  readonly user: string;
  readonly password: string;
  /** '' is the one called like the user. */
  readonly database: string;
  readonly sslMode: string;
  /** What else was said: files of TLS, settings of the session. */
  readonly words: ReadonlyMap<string, string>;
}

const KNOWN: ReadonlySet<string> = new Set(['host', 'port', 'user', 'password', 'dbname', 'database', 'sslmode']);
const SSL_MODES: ReadonlySet<string> = new Set(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);
const URL_FORM = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;

/** A URL, or words like `host=… port=…`; what it does not say, PGHOST and its siblings do. Throws DatabaseError. */
export function parseAddress(address: string): PostgresTarget {
  const words = wordsOf(address);
  const say = (name: string, variable: string): string => words.get(name) ?? process.env[variable] ?? '';
  const user = say('user', 'PGUSER') || userInfo().username;
  const names = (say('host', 'PGHOST') || usualHost()).split(',');
  const ports = (say('port', 'PGPORT') || '5432').split(',');
  return {
    hosts: names.map((host, index) => ({ host, port: Number(ports[index] ?? ports[0]) })),
    user,
    password: say('password', 'PGPASSWORD'),
    database: (words.get('dbname') ?? say('database', 'PGDATABASE')) || '',
    sslMode: say('sslmode', 'PGSSLMODE') || 'prefer',
    words: new Map([...words].filter(([name]) => !KNOWN.has(name))),
  };
}

/** What pgx has against an address before it dials, without the password; undefined for nothing. */
export function addressFault(address: string): string | undefined {
  const why = reasonAgainst(address);
  return why === undefined ? undefined : `cannot parse \`${withoutPassword(address)}\`: ${why}`;
}

function reasonAgainst(address: string): string | undefined {
  const isUrl = /^postgres(ql)?:\/\//.test(address);
  const several = (URL_FORM.exec(address)?.[2] ?? '').includes(',');
  const fault = isUrl && !several ? urlFault(address)?.replace(/^parse ".*?": /s, '') : undefined;
  if (fault !== undefined) return `failed to parse as URL (${fault})`;
  try {
    const { sslMode } = parseAddress(address);
    return SSL_MODES.has(sslMode) ? undefined : 'failed to configure TLS (sslmode is invalid)';
  } catch {
    return `failed to parse as ${isUrl ? 'URL' : 'keyword/value'} (invalid ${isUrl ? 'URL' : 'keyword/value'})`;
  }
}

function withoutPassword(address: string): string {
  if (/^postgres(ql)?:\/\//.test(address) && urlFault(address) === undefined) {
    return address.replace(/^(\w+:\/\/[^:@/?]*):[^@/?]*@/, '$1:xxxxx@');
  }
  return address
    .replaceAll(/password='[^']*'/g, 'password=xxxxx')
    .replaceAll(/password=[^ ]*/g, 'password=xxxxx')
    .replaceAll(/:[^:@]+?@/g, ':xxxxxx@');
}

function wordsOf(address: string): Map<string, string> {
  const words = new Map<string, string>();
  if (/^postgres(ql)?:\/\//.test(address)) {
    const [, login = '', hosts = '', database = '', query = ''] = URL_FORM.exec(address) ?? [];
    try {
      for (const [key, value] of new URLSearchParams(query)) words.set(key, value);
      const [user = '', password = ''] = login.split(/:(.*)/s);
      const found = hosts.split(',').map((one) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(one));
      if (found.some((one) => one === null)) throw new Error('a host that is none');
      if (hosts !== '') {
        words.set('host', found.map((one) => decodeURIComponent(one![1]!.replace(/^\[|\]$/g, ''))).join(','));
        if (found.some((one) => (one![2] ?? '') !== ''))
          words.set('port', found.map((one) => one![2] || '5432').join(','));
      }
      if (user !== '') words.set('user', decodeURIComponent(user));
      if (password !== '') words.set('password', decodeURIComponent(password));
      if (database !== '') words.set('dbname', decodeURIComponent(database));
    } catch {
      throw new DatabaseError('cannot parse connection url: failed to parse as URL');
    }
    return words;
  }
  for (const [, key, quoted, bare] of address.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)) {
    words.set(key!, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  if (words.size === 0 && address !== '') {
    throw new DatabaseError('cannot parse connection url: invalid keyword/value');
  }
  return words;
}

/** Where PostgreSQL has its socket, as libpq and its like know it. */
const usualHost = (): string =>
  ['/var/run/postgresql', '/private/tmp', '/tmp'].find((path) => existsSync(path)) ?? 'localhost';

/** Where an SQL Server is, as Go's driver is told: a URL, or words with semicolons between them. */
import { DatabaseError } from '../../core/runtime.ts';

export interface MssqlTarget {
  readonly host: string;
  readonly port: number;
  readonly instance: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly encrypt: boolean | 'strict';
  readonly trust: boolean;
}

const USUAL_PORT = 1433;
const ALSO: Readonly<Record<string, string>> = {
  'data source': 'server',
  address: 'server',
  addr: 'server',
  'network address': 'server',
  uid: 'user id',
  user: 'user id',
  pwd: 'password',
  'initial catalog': 'database',
};

/** Throws DatabaseError. */
export function parseMssqlAddress(address: string): MssqlTarget {
  const words = address.startsWith('sqlserver://') ? ofUrl(address) : ofWords(address);
  const of = (name: string): string => words.get(name) ?? '';
  const [server = '', port] = of('server').split(',');
  const [host = '', instance = ''] = server.split('\\');
  const encrypt = of('encrypt').toLowerCase();
  const encrypted = encrypt === 'strict' ? encrypt : ['true', 'yes', '1', 't', 'mandatory'].includes(encrypt);
  const trust = of('trustservercertificate').toLowerCase();
  return {
    host: host === '' || host === '.' ? 'localhost' : host,
    port: Number(of('port') || port || USUAL_PORT),
    instance,
    user: of('user id'),
    password: of('password'),
    database: of('database'),
    encrypt: encrypted,
    trust: trust === '' ? encrypted === false : ['true', 'yes', '1', 't'].includes(trust),
  };
}

function ofUrl(address: string): Map<string, string> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw new DatabaseError('unable to parse connection url');
  const words = new Map([...url.searchParams].map(([name, value]) => [known(name), value]));
  const instance = decodeURIComponent(url.pathname.slice(1));
  words.set('server', instance === '' ? url.hostname : `${url.hostname}\\${instance}`);
  words.set('user id', decodeURIComponent(url.username));
  words.set('password', decodeURIComponent(url.password));
  if (url.port !== '') words.set('port', url.port);
  return words;
}

const ofWords = (address: string): Map<string, string> =>
  new Map(
    address
      .split(';')
      .filter((word) => word.includes('='))
      .map((word) => [known(word.slice(0, word.indexOf('='))), word.slice(word.indexOf('=') + 1).trim()]),
  );

function known(name: string): string {
  const plain = name.trim().toLowerCase();
  return ALSO[plain] ?? plain;
}

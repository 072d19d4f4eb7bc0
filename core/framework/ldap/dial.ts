/** The way to a directory: its addresses one after the other, with TLS as configured. */
import { quote } from '../../codec/go-quote.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { LdapError, NETWORK_ERROR } from '../../codec/ldap/result-code.ts';
import { failure } from '../../fault.ts';
import { NetworkError, SECOND } from '../../runtime.ts';
import type { OutgoingTls, Runtime, Streams, TlsVersion } from '../../runtime.ts';
import { multierror } from '../../codec/multierror.ts';
import type { Directory } from './config.ts';
import { LdapConnection } from './connection.ts';

const PORTS: Readonly<Record<string, string>> = { ldap: '389', ldaps: '636' };
const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  tls10: 'TLSv1',
  tls11: 'TLSv1.1',
  tls12: 'TLSv1.2',
  tls13: 'TLSv1.3',
};
/** Upstream waits for ever where no timeout is set; nobody is served by that. */
const LONGEST_DIAL = 120 * SECOND;

/** A connection to the first address that answers. Rejects a bare error that says what is wrong with each. */
export async function dialDirectory(directory: Directory, { clock, streams }: Runtime): Promise<LdapConnection> {
  const dial: Streams['dial'] = async (...to) => {
    if (streams === undefined) throw new NetworkError('unreachable', 'no network');
    return streams.dial(...to);
  };
  const faults: string[] = [];
  for (const url of directory.url.split(',')) {
    const target = parseUrl(url);
    if (typeof target === 'string') {
      faults.push(target);
      continue;
    }
    const { host, port, scheme } = target;
    const tls = tlsFor(directory, host);
    const timeout = directory.connection_timeout * SECOND || LONGEST_DIAL;
    try {
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const stream = await dial(address, timeout, scheme === 'ldaps' ? tls : undefined);
      const connection = new LdapConnection(stream, clock, directory.request_timeout * SECOND);
      if (scheme === 'ldap' && directory.starttls) await startTls(connection, tls);
      return connection;
    } catch (error) {
      const said = error instanceof NetworkError ? new LdapError(NETWORK_ERROR, error.message) : (error as Error);
      faults.push(`error connecting to host ${quote(url)}: ${said.message}`);
    }
  }
  throw failure(multierror(...faults));
}

async function startTls(connection: LdapConnection, tls: OutgoingTls): Promise<void> {
  try {
    await connection.startTls(tls);
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface Target {
  readonly scheme: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: string;
}

/** What it addresses, or what is wrong with it in Go's words. */
function parseUrl(url: string): Target | string {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(url)?.[1] ?? '';
  const unparsed = (why: string): string => `error parsing url ${quote(url)}: parse ${quote(url)}: ${why}`;
  if (url.startsWith(':')) return unparsed('missing protocol scheme');
  if (scheme === '' && url.split('/', 1)[0]!.includes(':')) {
    return unparsed('first path segment in URL cannot contain colon');
  }
  const rest = url.slice(scheme === '' ? 0 : scheme.length + 1);
  const fault = rest.startsWith('//') ? urlFault(url) : undefined;
  if (fault !== undefined) return `error parsing url ${quote(url)}: ${fault}`;
  const authority = rest.startsWith('//') ? rest.slice(2).split(/[/?#]/, 1)[0]! : '';
  const whole = authority.slice(authority.lastIndexOf('@') + 1);
  const found = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(whole);
  const host = found?.[1] ?? found?.[2] ?? whole;
  const port = found?.[3] ?? '';
  const own = PORTS[scheme];
  if (own === undefined)
    return `invalid LDAP scheme in url ${quote(`${host.includes(':') ? `[${host}]` : host}:${port}`)}`;
  return { scheme, host, port: port === '' ? own : port };
}

function tlsFor(directory: Directory, host: string): OutgoingTls {
  const { certificate, client_tls_cert, client_tls_key } = directory;
  const minVersion = VERSIONS[directory.tls_min_version];
  const maxVersion = VERSIONS[directory.tls_max_version];
  return {
    // A certificate for an address is checked without a name being asked for.
    ...(/^[\d.]+$|:/.test(host) ? {} : { serverName: host }),
    skipVerify: directory.insecure_tls,
    ...(certificate === '' ? {} : { ca: certificate }),
    ...(client_tls_cert === '' ? {} : { certificate: client_tls_cert, key: client_tls_key }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}

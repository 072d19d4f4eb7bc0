/** How others reach this node: from the environment, the configuration, else what follows from it. */
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import { environment } from './environment.ts';

/** Storages whose nodes may be several. */
const HA: ReadonlySet<string> = new Set(['raft', 'inmem_ha', 'postgresql']);
const HTTPS_PORT = 443;

/** Throws ConfigurationError for what is no URL. */
export function withAddresses(configuration: Configuration, dev: boolean): Configuration {
  const first = configuration.listeners[0];
  const own = dev && first !== undefined ? apiAddress(first) : '';
  const apiAddr = givenApiAddress(configuration) || own;
  for (const address of [apiAddr, configuration.clusterAddr]) refuseTemplate(address);
  const clusterAddr = clusterAddress(configuration, apiAddr);
  if (apiAddr !== '' && apiAddr === clusterAddr) {
    throw new ConfigurationError(`address ${JSON.stringify(apiAddr)} used for both API and cluster addresses`);
  }
  return { ...configuration, apiAddr, clusterAddr };
}

/** '' where nobody has said it. */
export function givenApiAddress(configuration: Configuration | undefined): string {
  const [given] = ['API_ADDR', 'REDIRECT_ADDR', 'ADVERTISE_ADDR'].flatMap((name) => environment(name) ?? []);
  return given ?? configuration?.apiAddr ?? '';
}

/** Upstream looks addresses up by go-sockaddr's templates; here they have to be said. */
function refuseTemplate(address: string): void {
  if (!address.includes('{{')) return;
  const reason = 'templates are not available: write the address itself';
  throw new ConfigurationError(`unable to parse address template ${JSON.stringify(address)}: ${reason}`);
}

const apiAddress = (listener: ListenerConfiguration): string =>
  `${listener.tlsDisable ? 'http' : 'https'}://${listener.address}`;

/** Always with TLS. With raft it has to be said; with storages of single nodes only the environment may say it. */
function clusterAddress(configuration: Configuration, apiAddr: string): string {
  const { clusterAddr, disableClustering, haStorage, storage } = configuration;
  const type = storage?.type ?? '';
  const several = HA.has(type) || haStorage !== undefined;
  if (disableClustering && type !== 'raft') return '';
  const given = environment('CLUSTER_ADDR') ?? (several ? clusterAddr : '');
  if (given !== '') return withTls(parsed(given, 'cluster'));
  if (apiAddr === '' || type === 'raft') return '';
  const url = parsed(apiAddr, 'synthesized cluster');
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(url.authority) ?? [];
  return withTls({ ...url, authority: `${host}:${(port === undefined ? HTTPS_PORT : Number(port)) + 1}` });
}

interface Parts {
  readonly authority: string;
  readonly rest: string;
}

/** As written: an address is shown with whatever stands behind its port. */
function parsed(address: string, what: string): Parts {
  const [, authority, rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)(.*)$/i.exec(address) ?? [];
  const wrong = (reason: string): ConfigurationError =>
    new ConfigurationError(`Error parsing ${what} address ${address}: parse ${JSON.stringify(address)}: ${reason}`);
  if (authority === undefined) throw wrong('invalid URI for request');
  const [, port] = /^[^[]*?:(.*)$/.exec(authority) ?? [];
  if (port !== undefined && !/^\d*$/.test(port)) throw wrong(`invalid port ${JSON.stringify(`:${port}`)} after host`);
  return { authority, rest };
}

const withTls = ({ authority, rest }: Parts): string => `https://${authority}${rest}`;

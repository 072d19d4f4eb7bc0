/** How others reach this node: from the environment, the configuration, else what follows from it. */
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import { quote } from '../../core/codec/go-quote.ts';
import { urlFault } from '../../core/codec/go-url-fault.ts';
import { foundAddress } from '../../core/server/configuration/address.ts';
import { interfacesOfHost } from '../../host/interfaces.ts';
import { environment } from './environment.ts';

/** Storages whose nodes may be several. */
const HA: ReadonlySet<string> = new Set(['raft', 'inmem_ha', 'postgresql']);
const HTTPS_PORT = 443;

/** Throws ConfigurationError for what is no URL. */
export function withAddresses(configuration: Configuration, dev: boolean): Configuration {
  const first = configuration.listeners[0];
  const own = dev && first !== undefined ? apiAddress(first) : '';
  const apiAddr = givenApiAddress(configuration) || own;
  const clusterAddr = clusterAddress(configuration, apiAddr);
  if (apiAddr !== '' && apiAddr === clusterAddr) {
    throw new ConfigurationError(`address ${JSON.stringify(apiAddr)} used for both API and cluster addresses`);
  }
  return { ...configuration, apiAddr, clusterAddr };
}

/** '' where nobody has said it. */
export function givenApiAddress(configuration: Configuration | undefined): string {
  const [given] = ['API_ADDR', 'REDIRECT_ADDR', 'ADVERTISE_ADDR'].flatMap((name) => environment(name) ?? []);
  if (given !== undefined || configuration === undefined) return given ?? '';
  const { apiAddr, haStorage, storage } = configuration;
  const { redirect_addr: redirect = '', advertise_addr: advertised = '' } = (haStorage ?? storage)?.settings ?? {};
  return apiAddr || redirect || advertised;
}

const apiAddress = (listener: ListenerConfiguration): string =>
  `${listener.tlsDisable ? 'http' : 'https'}://${listener.address}`;

/** Always with TLS. With raft it has to be said; with storages of single nodes only the environment may say it. */
function clusterAddress(configuration: Configuration, apiAddr: string): string {
  const { clusterAddr, disableClustering, haStorage, storage } = configuration;
  const type = storage?.type ?? '';
  const several = HA.has(type) || haStorage !== undefined;
  if (disableClustering && type !== 'raft') return '';
  const own = clusterAddr || ((haStorage ?? storage)?.settings['cluster_addr'] ?? '');
  const given = environment('CLUSTER_ADDR') ?? (several ? own : '');
  if (given !== '') {
    const found = foundAddress(given, interfacesOfHost, `Error parsing cluster address ${given}: `);
    return withTls(parsed(found, 'cluster'));
  }
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
  const fault = urlFault(address);
  // What has no authority is none to ask, before anything behind its scheme is looked at.
  const opaque = authority === undefined && fault?.includes('control character') !== true;
  const reason = opaque ? `parse ${quote(address)}: invalid URI for request` : fault;
  if (reason !== undefined || authority === undefined) {
    throw new ConfigurationError(`Error parsing ${what} address ${address}: ${reason}`);
  }
  return { authority, rest };
}

const withTls = ({ authority, rest }: Parts): string => `https://${authority}${rest}`;

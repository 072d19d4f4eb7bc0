/** Where nodes reach each other: a port beside each TCP listener's. */
import type { Configuration, ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { parseEndpoint, printEndpoint } from '../core/codec/address.ts';
import { splitHostPort } from './network.ts';

export const clusterListeners = ({ listeners }: Configuration): string[] =>
  listeners.filter(({ type }) => type === 'tcp').map((listener) => clusterAddressOf(listener));

/** Configured, or the port after the API's; `bound` is where the API really listens, once that is known. */
export function clusterAddressOf({ address, clusterAddress }: ListenerConfiguration, bound = address): string {
  if (clusterAddress !== '') return clusterAddress;
  const { port } = splitHostPort(bound);
  const next = port === 0 ? 0 : port + 1;
  const own = parseEndpoint(address);
  return own === undefined || next === 0
    ? `${address.slice(0, address.lastIndexOf(':'))}:${next}`
    : printEndpoint({ ...own, port: next });
}

/** Who belongs to the cluster and who may vote. */
import { raftFailure } from './errors.ts';
import type { Configuration, Server } from './types.ts';
import type { WireReader, WireWriter } from './wire.ts';
import { WireReader as Reader, WireWriter as Writer } from './wire.ts';

export const noServers: Configuration = { servers: [] };

export type ConfigurationChange =
  | { readonly command: 'AddVoter' | 'AddNonvoter'; readonly id: string; readonly address: string }
  | { readonly command: 'DemoteVoter' | 'RemoveServer'; readonly id: string };

/** The newest configuration in the log counts at once; the committed one is what to fall back to. */
export interface Configurations {
  latest: Configuration;
  latestIndex: number;
  committed: Configuration;
  committedIndex: number;
}

export const hasVote = (configuration: Configuration, id: string): boolean =>
  configuration.servers.some((server) => server.id === id && server.suffrage === 'voter');

export const isMember = (configuration: Configuration, id: string): boolean =>
  configuration.servers.some((server) => server.id === id);

export function quorumOf(configuration: Configuration): number {
  let voters = 0;
  for (const server of configuration.servers) if (server.suffrage === 'voter') voters++;
  return Math.floor(voters / 2) + 1;
}

/** `{Voter n1 127.0.0.1:8201}`, as one server prints in upstream's log. */
export const serverText = (server: Server): string => `{${suffrageText(server)} ${server.id} ${server.address}}`;

const suffrageText = (server: Server): string => (server.suffrage === 'voter' ? 'Voter' : 'Nonvoter');

/** `[{Suffrage:Voter ID:n1 Address:127.0.0.1:8201}]`, as a list of servers prints there. */
export const serversText = (configuration: Configuration): string =>
  `[${configuration.servers.map((server) => `{Suffrage:${suffrageText(server)} ID:${server.id} Address:${server.address}}`).join(' ')}]`;

/** Refuses what cannot be a cluster; the texts are upstream's. */
export function checkConfiguration(configuration: Configuration): void {
  const ids = new Set<string>();
  const addresses = new Set<string>();
  for (const server of configuration.servers) {
    if (server.id === '') throw raftFailure(`empty ID in configuration: ${configurationText(configuration)}`);
    if (server.address === '') throw raftFailure(`empty address in configuration: ${serverText(server)}`);
    if (ids.has(server.id)) throw raftFailure(`found duplicate ID in configuration: ${server.id}`);
    if (addresses.has(server.address)) throw raftFailure(`found duplicate address in configuration: ${server.address}`);
    ids.add(server.id);
    addresses.add(server.address);
  }
  if (!configuration.servers.some((server) => server.suffrage === 'voter')) {
    throw raftFailure(`need at least one voter in configuration: ${configurationText(configuration)}`);
  }
}

/** `{[{Voter n1 127.0.0.1:8201}]}`, as a configuration prints. */
export const configurationText = (configuration: Configuration): string =>
  `{[${configuration.servers.map(serverText).join(' ')}]}`;

/**
 * The configuration after one change. Adding a known voter again only changes its address, adding a voter as a
 * non-voter does not demote it, and unknown servers can be removed: nothing happens.
 */
export function nextConfiguration(
  current: Configuration,
  currentIndex: number,
  change: ConfigurationChange,
  previousIndex = 0,
): Configuration {
  if (previousIndex > 0 && previousIndex !== currentIndex) {
    throw raftFailure(`configuration changed since ${previousIndex} (latest is ${currentIndex})`);
  }
  const next: Configuration = { servers: changedServers(current.servers, change) };
  checkConfiguration(next);
  return next;
}

function changedServers(servers: readonly Server[], change: ConfigurationChange): readonly Server[] {
  switch (change.command) {
    case 'RemoveServer':
      return servers.filter((server) => server.id !== change.id);
    case 'DemoteVoter':
      return servers.map((server) => (server.id === change.id ? { ...server, suffrage: 'nonvoter' } : server));
    case 'AddVoter':
    case 'AddNonvoter': {
      const { id, address } = change;
      const suffrage = change.command === 'AddVoter' ? 'voter' : 'nonvoter';
      if (!servers.some((server) => server.id === id)) return [...servers, { id, address, suffrage }];
      return servers.map((server) =>
        server.id !== id ? server : { id, address, suffrage: server.suffrage === 'voter' ? 'voter' : suffrage },
      );
    }
  }
}

export function writeConfiguration(writer: WireWriter, configuration: Configuration): void {
  writer.number(configuration.servers.length);
  for (const server of configuration.servers) {
    writer.byte(server.suffrage === 'voter' ? 0 : 1);
    writer.text(server.id);
    writer.text(server.address);
  }
}

export function readConfiguration(reader: WireReader): Configuration {
  const servers: Server[] = [];
  for (let count = reader.number(); count > 0; count--) {
    const suffrage = reader.byte() === 0 ? 'voter' : 'nonvoter';
    servers.push({ suffrage, id: reader.text(), address: reader.text() });
  }
  return { servers };
}

/** The data of a configuration entry. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const writer = new Writer();
  writeConfiguration(writer, configuration);
  return writer.take();
}

export const decodeConfiguration = (data: Uint8Array): Configuration => readConfiguration(new Reader(data));

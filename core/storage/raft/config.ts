/** The node's own records beside the replicated data: what the `config` bucket of vault.db holds (facts §2.4). */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import type { Configuration, Server } from '../../raft/types.ts';

export const LATEST_INDEX = 'latest_indexes';
export const LATEST_CONFIG = 'latest_config';
export const LOCAL_NODE_CONFIG = 'local_node_config';

export interface IndexValue {
  readonly index: number;
  readonly term: number;
}

export const encodeIndex = ({ index, term }: IndexValue): Uint8Array =>
  new ProtobufWriter().uint(1, term).uint(2, index).finish();

export function decodeIndex(bytes: Uint8Array | undefined): IndexValue {
  let [term, index] = [0, 0];
  const reader = new ProtobufReader(bytes ?? new Uint8Array(0));
  while (reader.next()) {
    if (reader.field === 1) term = reader.uint();
    else if (reader.field === 2) index = reader.uint();
  }
  return { term, index };
}

export interface ConfigurationValue {
  readonly index: number;
  readonly configuration: Configuration;
}

export function encodeConfigurationValue({ index, configuration }: ConfigurationValue): Uint8Array {
  const writer = new ProtobufWriter().uint(1, index);
  for (const { suffrage, id, address } of configuration.servers) {
    const server = new ProtobufWriter()
      .uint(1, suffrage === 'voter' ? 0 : 1)
      .text(2, id)
      .text(3, address);
    writer.message(2, server);
  }
  return writer.finish();
}

export function decodeConfigurationValue(bytes: Uint8Array): ConfigurationValue {
  let index = 0;
  const servers: Server[] = [];
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) index = reader.uint();
    else if (reader.field === 2) servers.push(decodeServer(reader.bytes()));
  }
  return { index, configuration: { servers } };
}

function decodeServer(bytes: Uint8Array): Server {
  let [suffrage, id, address] = [0, '', ''];
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) suffrage = reader.uint();
    else if (reader.field === 2) id = reader.text();
    else if (reader.field === 3) address = reader.text();
  }
  return { suffrage: suffrage === 0 ? 'voter' : 'nonvoter', id, address };
}

export type DesiredSuffrage = 'voter' | 'non-voter';

export const encodeLocalNode = (suffrage: DesiredSuffrage): Uint8Array =>
  new ProtobufWriter().text(1, suffrage).finish();

export function decodeLocalNode(bytes: Uint8Array): DesiredSuffrage {
  const reader = new ProtobufReader(bytes);
  while (reader.next()) if (reader.field === 1 && reader.text() === 'non-voter') return 'non-voter';
  return 'voter';
}

/**
 * `raft/peers.json`: how an operator tells a node that has lost its quorum for good who its peers are now. It is read
 * when raft starts, becomes the configuration, and is deleted (hashicorp/raft, "Manual Recovery Using peers.json").
 */
import { asString } from '../../codec/json-fields.ts';
import { isObject, JsonError, type JsonValue, kindOf } from '../../codec/json.ts';
import { JsonReader } from '../../codec/json-reader.ts';
import { failure } from '../../fault.ts';
import { checkConfiguration, configurationText } from '../../raft/configuration.ts';
import { RaftError } from '../../raft/errors.ts';
import type { Configuration, Fsm, Server } from '../../raft/types.ts';
import type { Runtime } from '../../runtime.ts';
import type { RaftFiles } from './port.ts';

const NAME = 'peers.json';
const LOGGER = 'storage.raft';

/** `folder` is raft's, with a '/' at its end. Without the file nothing happens. Rejects with upstream's text. */
export async function recoverFromPeersFile(
  runtime: Runtime,
  folder: string,
  files: Pick<RaftFiles, 'recover'>,
  fsm: Fsm,
): Promise<void> {
  const path = `${folder}${NAME}`;
  const bytes = await runtime.disk.readFile(path);
  if (bytes === undefined) return;
  runtime.log.write('info', LOGGER, 'raft recovery initiated', { recovery_file: NAME });
  const configuration = parsePeers(bytes);
  runtime.log.write('info', LOGGER, 'raft recovery found new config', { config: configurationText(configuration) });
  await files.recover(configuration, fsm);
  await runtime.disk.remove(path);
  await runtime.disk.syncFolder(folder.slice(0, -1));
  runtime.log.write('info', LOGGER, 'raft recovery deleted peers.json');
}

/** The texts are Go's, of a decoder of `[]struct{id, address, non_voter}`, which reads no further than the list. */
function parsePeers(bytes: Uint8Array): Configuration {
  try {
    const reader = new JsonReader(bytes, 'stream');
    if (reader.atEnd()) throw new JsonError('EOF');
    const listed = reader.value() ?? [];
    if (!Array.isArray(listed)) throw misfit(listed, 'Go value', '[]raft.configEntry');
    const configuration = { servers: listed.map(server) };
    checkConfiguration(configuration);
    return configuration;
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof RaftError)) throw error;
    throw failure(`raft recovery failed to parse peers.json: ${error.message}`);
  }
}

/** Go matches the names of fields whatever their case, and leaves alone what is null. */
function server(entry: JsonValue, place: number): Server {
  if (entry !== null && !isObject(entry)) throw misfit(entry, `.${place}`, 'raft.configEntry');
  const fields = new Map(Object.entries(entry ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const field = (name: string, type: string, kind: 'string' | 'boolean'): JsonValue | undefined => {
    const value = fields.get(name) ?? undefined;
    if (value !== undefined && typeof value !== kind) throw misfit(value, `Go struct field .${place}.${name}`, type);
    return value;
  };
  return {
    id: asString(field('id', 'raft.ServerID', 'string')) ?? '',
    address: asString(field('address', 'raft.ServerAddress', 'string')) ?? '',
    suffrage: field('non_voter', 'bool', 'boolean') === true ? 'nonvoter' : 'voter',
  };
}

const misfit = (value: JsonValue, place: string, type: string): JsonError =>
  new JsonError(`json: cannot unmarshal ${kindOf(value)} into ${place} of type ${type}`);

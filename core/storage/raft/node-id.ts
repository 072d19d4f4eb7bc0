/** Who a node is: what the environment says, else the configuration, else the file it left behind, else a new id. */
import { makeUuid } from '../../codec/uuid.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Runtime } from '../../runtime.ts';

/** `path` is raft's folder: '' or with a trailing '/'. A made id is written to `node-id` there. */
export async function nodeId(
  runtime: Runtime,
  path: string,
  given: { environment?: string; configuration?: string },
): Promise<string> {
  if (given.environment !== undefined && given.environment !== '') return given.environment;
  if (given.configuration !== undefined && given.configuration !== '') return given.configuration;
  const stored = await runtime.disk.readFile(`${path}node-id`);
  if (stored !== undefined && stored.length > 0) return decodeUtf8(stored);
  const made = makeUuid((length) => runtime.random.bytes(length));
  await runtime.disk.writeFile(`${path}node-id`, encodeUtf8(made), { sync: true, mode: 0o600 });
  return made;
}

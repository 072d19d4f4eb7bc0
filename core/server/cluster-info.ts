/** The cluster's name and id: made once, then read by every node behind the barrier. */
import { encodeHex } from '../codec/hex.ts';
import { parseObject, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { makeUuid } from '../codec/uuid.ts';
import type { Runtime } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';

const key = 'core/cluster/local/info';

export interface ClusterInfo {
  readonly name: string;
  readonly id: string;
}

/** Undefined before the first active node. */
export async function readClusterInfo(barrier: Storage): Promise<ClusterInfo | undefined> {
  const stored = await barrier.get(key);
  if (!stored) return undefined;
  const { name, id } = parseObject(stored);
  return { name: typeof name === 'string' ? name : '', id: typeof id === 'string' ? id : '' };
}

/** `name` '' makes one up; a name in the configuration replaces the stored one. */
export async function setUpCluster(
  barrier: Storage,
  name: string,
  { random, log }: Pick<Runtime, 'random' | 'log'>,
): Promise<ClusterInfo> {
  const told = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    log.write('debug', 'core', message, fields);
  const found = await readClusterInfo(barrier);
  if (found !== undefined && (name === '' || found.name === name)) return found;
  const bytes = (length: number) => random.bytes(length);
  const made = {
    name: name === '' ? `vault-cluster-${encodeHex(random.bytes(4))}` : name,
    id: found?.id ?? makeUuid(bytes),
  };
  if (name === '' && found === undefined) told('cluster name not found/set, generating new');
  told('cluster name set', { name: made.name });
  if (found === undefined) {
    told('cluster ID not found, generating new');
    told('cluster ID set', { id: made.id });
  }
  await barrier.put(
    key,
    encodeUtf8(
      print(
        new Map([
          ['name', made.name],
          ['id', made.id],
        ]),
      ),
    ),
  );
  return made;
}

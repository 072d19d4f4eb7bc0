/** Three nodes within this process, on loopback and a real disk: what the tests of clusters start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import type { RunningServer } from './server.ts';
import { startServer } from './server.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

export interface Place {
  readonly name: string;
  readonly folder: string;
  readonly api: string;
  readonly cluster: string;
}

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Record<string, unknown>;
}

export async function places(count: number): Promise<Place[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const found: Place[] = [];
  for (let number = 1; number <= count; number++) {
    const name = `n${number}`;
    found.push({ name, folder: join(folder, name), api: await freeAddress(), cluster: await freeAddress() });
  }
  return found;
}

export const removePlaces = ([first]: readonly Place[]): Promise<void> =>
  rm(join(first!.folder, '..'), { recursive: true, force: true });

/** A node that joins any of the others, with timers as short as they go. */
export function startNode(
  place: Place,
  all: readonly Place[],
  failed: (error: unknown) => void,
): Promise<RunningServer> {
  const joins = all
    .filter((other) => other !== place)
    .map((other) => `retry_join {\n leader_api_addr = "http://${other.api}"\n }\n`);
  const text = `
storage "raft" {
  path = "${place.folder}"
  node_id = "${place.name}"
  performance_multiplier = 1
  autopilot_update_interval = "100ms"
  autopilot_reconcile_interval = "200ms"
  ${joins.join('  ')}
}
listener "tcp" {
  address = "${place.api}"
  cluster_address = "${place.cluster}"
  tls_disable = true
}
seal "static" {
  current_key = "${KEY}"
  current_key_id = "k1"
}
api_addr = "http://${place.api}"
cluster_addr = "https://${place.cluster}"
`;
  const { configuration } = parseConfiguration(text, 'cluster.hcl');
  return startServer({ configuration, log: { write: () => undefined }, failed });
}

/** Status 0: no answer. */
export async function ask(place: Place, method: string, path: string, token = '', sent?: unknown): Promise<Answer> {
  try {
    const response = await fetch(`http://${place.api}/v1/${path}`, {
      method,
      headers: token === '' ? {} : { 'X-Vault-Token': token },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      redirect: 'manual',
    });
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, location: response.headers.get('location'), body };
  } catch {
    return { status: 0, location: null, body: {} };
  }
}

/** Asks every 20 ms until it is so. */
export async function until(what: string, holds: () => Promise<boolean>, patience = 20_000): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 20) {
    if (waited > patience) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

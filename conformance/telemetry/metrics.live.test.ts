/**
 * The real cluster beside ours under the same work: what appears in sys/metrics, of which type and with which labels,
 * in both forms. What ours has not is in `absent.txt`, with its reason.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RealCluster, removeFolder } from '../cluster.ts';
import { startPostgres } from '../fixtures/postgres.ts';
import { baoProgram } from '../program.ts';
import { absentAs, general, recordedNames } from './names.ts';
import { seriesOf } from './series.ts';
import { EXTRA, workload } from './workload.ts';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

/** `form type name{label names}`, of all nodes and after every stage. */
async function played(program: string, words: readonly string[], postgres: string): Promise<Set<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const cluster = await RealCluster.start({ program, arguments: words, folder, multiplier: 1, extra: EXTRA });
  const seen = new Set<string>();
  try {
    const leader = await cluster.healthy();
    for (const { name, play } of workload(cluster, leader, postgres)) {
      await play().catch((error: unknown) => {
        throw new Error(`${name}: ${String(error)}`, { cause: error });
      });
      for (const node of cluster.nodes) {
        const { json, prometheus } = await seriesOf(node, cluster.token);
        for (const series of prometheus) seen.add(`prometheus ${shape(series)}`);
        for (const series of json) seen.add(`json ${shape(series)}`);
      }
    }
  } finally {
    await cluster.stop();
    await removeFolder(folder);
  }
  return seen;
}

/** Without what is particular to a mount, and without the values of labels. */
function shape(series: string): string {
  const [, type = '', name = '', labels = ''] = /^(\S+) ([^{]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const names = [...labels.matchAll(/(\w+)="[^"]*"/g)].map(([, label = '']) => label).sort();
  return `${type} ${general(name.replace(/[^a-zA-Z0-9_]/g, '_'))}{${names.join(',')}}`;
}

const nameOf = (line: string): string => /^\S+ \S+ ([^{]+)/.exec(line)?.[1] ?? '';

const TYPES: Readonly<Record<string, string>> = { Counters: 'counter', Gauges: 'gauge', Samples: 'summary' };

/**
 * JSON shows ten seconds at a time, so what happens seldom may fall between two looks on one side: what JSON did not
 * show under any type or label counts as shown when Prometheus, which counts from the start, shows it alike.
 */
function fellBetween(line: string, ours: ReadonlySet<string>): boolean {
  if (!line.startsWith('json ')) return false;
  const alike = line.replace(/^json (\w+)/, (_, kind: string) => `prometheus ${TYPES[kind]}`);
  return ours.has(alike) && ![...ours].some((other) => other.startsWith('json ') && nameOf(other) === nameOf(line));
}

/** Counted only where a heartbeat of five seconds falls into the moment without an active node (ha.test.ts has it). */
const BY_CHANCE: ReadonlySet<string> = new Set(['vault_ha_rpc_client_echo_errors']);

test('the same metrics appear, of the same types and with the same labels', async () => {
  const database = await startPostgres();
  try {
    const postgres = async (name: string): Promise<string> => new URL(await database.database(name)).href;
    const real = await baoProgram('2.7.2');
    // Beside each other: mostly they wait for what comes by time.
    const [theirs, ours] = await Promise.all([
      played(real, [], await postgres('theirs')),
      played(process.execPath, [steamer], await postgres('ours')),
    ]);
    const known = new Set([...theirs].map(nameOf));
    for (const name of recordedNames.keys()) known.add(general(name));
    const missing = [...theirs].filter(
      (line) => !ours.has(line) && absentAs(nameOf(line)) === undefined && !BY_CHANCE.has(nameOf(line)),
    );
    expect(missing.filter((line) => !fellBetween(line, ours)).sort()).toEqual([]);
    expect(missing.length).toBeLessThan(20);
    expect([...ours].filter((line) => !known.has(nameOf(line))).sort()).toEqual([]);
    expect(theirs.size).toBeGreaterThan(300);
  } finally {
    await database.stop();
  }
}, 600_000);

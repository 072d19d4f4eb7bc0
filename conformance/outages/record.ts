/**
 * Breaks a real cluster in one way after another and keeps what its nodes logged, and what was done to them when: what
 * `steamer reproduce` makes of the logs is held against that.
 *
 *   node conformance/outages/record.ts [NAME…]
 */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RealCluster, removeFolder } from '../cluster.ts';
import { SeparateHomes } from '../failover/separate-homes.ts';
import { baoProgram } from '../program.ts';
import { Breaker } from './breaker.ts';
import { BREAKDOWNS, type Breakdown } from './breakdowns.ts';
import { FOLDER, type Truth, VERSION } from './kept.ts';
import { trimmed } from './trimmed.ts';

const FIRST_PORT = 21_300;
const KEPT = fileURLToPath(FOLDER);

async function record(name: string, breakdown: Breakdown): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-outage-'));
  const { nodes = 3, multiplier = 1, level = 'trace', format = 'standard', apart = false, shamir = false } = breakdown;
  const network = apart ? SeparateHomes.make(nodes) : undefined;
  const cluster = await RealCluster.start({
    program: await baoProgram(VERSION),
    folder,
    nodes,
    multiplier,
    logLevel: level,
    firstPort: FIRST_PORT,
    shamir,
    extra: `log_format = "${format}"\n`,
    ...(network === undefined ? {} : { homes: network.homes }),
  });
  try {
    const leader = await cluster.healthy(180_000);
    await leader.request('POST', 'sys/mounts/kv', { token: cluster.token, body: { type: 'kv' } });
    const breaker = new Breaker(cluster, leader, network);
    await breaker.play(breakdown.play);
    const target = join(KEPT, name);
    await mkdir(target, { recursive: true });
    for (const node of cluster.nodes)
      await writeFile(
        join(target, `${node.name}.txt`),
        trimmed(await readFile(node.log, 'utf8'), folder, network?.homes),
      );
    const truth: Truth = { multiplier, done: breaker.done, pauses: breaker.pauses };
    await writeFile(join(target, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`);
    process.stderr.write(`${name}: pauses ${breaker.pauses.slice(0, 3).join(', ')} ms\n`);
  } finally {
    await cluster.stop();
    network?.remove();
    await removeFolder(folder);
  }
}

const wanted = process.argv.slice(2);
for (const [name, breakdown] of Object.entries(BREAKDOWNS))
  if (wanted.length === 0 || wanted.includes(name)) await record(name, breakdown);

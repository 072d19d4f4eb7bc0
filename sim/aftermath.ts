/**
 * After a story: the clients rest, every key that they wrote is read once more through the active node, and, when
 * nothing is broken any more, the replicas have to agree, the standbys to read what the active node reads, and all
 * nodes to keep to the claims that the clients left.
 */
import { decodeUtf8 } from '../core/codec/utf8.ts';
import { type Micros, MILLISECOND, MINUTE, SECOND } from '../core/runtime.ts';
import type { Claim } from './claim.ts';
import { NoAnswer, type RequestOptions } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { Operation } from './history.ts';
import type { Answer } from './network/http-wire.ts';
import type { Simulation } from './simulation.ts';
import { getOutcome } from './workloads/kv.ts';

const LOOK: Micros = 250 * MILLISECOND;
/** With the default multiplier a leader is found within half a minute; two false starts are forgiven. */
const PATIENCE: Micros = 3 * MINUTE;
/** Where something is still broken, there may be no active node at all. */
const SHORT_PATIENCE: Micros = 15 * SECOND;
/** Invalidation is asynchronous: what is still wrong after so many looks stays wrong. */
const LOOKS = 8;

type Fail = (checker: string, message: string) => void;

export async function settle(simulation: Simulation, fail: Fail): Promise<void> {
  simulation.resting = true;
  for (const cluster of simulation.clusters) {
    if (cluster.keys.rootToken !== '') await settleCluster(simulation, cluster, fail);
  }
}

async function settleCluster(simulation: Simulation, cluster: Cluster, fail: Fail): Promise<void> {
  const calm = isCalm(simulation, cluster);
  if (!calm && runningNodes(cluster).length * 2 <= cluster.names.length) return;
  const active = await findActive(simulation, cluster, calm ? PATIENCE : SHORT_PATIENCE);
  if (active === undefined) {
    if (calm) fail('progress', `nothing is broken any more, but no node is active after ${PATIENCE / SECOND} s`);
    return;
  }
  const reads = await readAll(cluster, active);
  if (!calm) return;
  if (!(await agree(simulation, cluster))) {
    fail('same state at same index', 'nothing is broken any more, but the replicas do not come to agree');
    return;
  }
  cluster.settled = true;
  for (const node of cluster.names) await checkNode(simulation, cluster, node, reads, fail);
}

function isCalm({ faults }: Simulation, cluster: Cluster): boolean {
  return (
    faults.records.every(({ until }) => until !== undefined) && runningNodes(cluster).length === cluster.names.length
  );
}

const runningNodes = (cluster: Cluster): string[] =>
  cluster.names.filter((name) => cluster.machine(name).state === 'running');

async function findActive(simulation: Simulation, cluster: Cluster, patience: Micros): Promise<string | undefined> {
  const end = simulation.world.now + patience;
  for (;;) {
    for (const node of runningNodes(cluster)) {
      if (!cluster.isLatestActive(node)) continue;
      if ((await cluster.operator.health(cluster.address(node))) === 200) return node;
    }
    if (simulation.world.now >= end) return undefined;
    await simulation.sleep(LOOK);
  }
}

/** Reads, through the active node, everything that the clients wrote; the reads become part of the histories. */
async function readAll(cluster: Cluster, active: string): Promise<Operation[]> {
  const reads: Operation[] = [];
  for (const history of cluster.histories) {
    const keys = new Set(history.operations.filter(({ kind }) => kind === 'put').map(({ key }) => key));
    for (const key of keys) {
      const operation = history.begin({ client: 'operator', kind: 'get', key, node: active });
      const wasActive = cluster.isLatestActive(active);
      const answer = await ask(cluster, active, key);
      const stale = !wasActive || !cluster.isLatestActive(active);
      const outcome = answer === undefined ? { outcome: 'failed' as const, note: 'no answer' } : getOutcome(answer);
      history.end(operation, { ...outcome, ...(stale ? { stale } : {}) });
      reads.push(operation);
    }
  }
  return reads;
}

async function ask(
  cluster: Cluster,
  node: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer | undefined> {
  try {
    return await cluster.operator.request(cluster.address(node), 'GET', path, options);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return undefined;
  }
}

async function agree(simulation: Simulation, cluster: Cluster): Promise<boolean> {
  const end = simulation.world.now + PATIENCE;
  while (cluster.digests().size > 1) {
    if (simulation.world.now >= end) return false;
    await simulation.sleep(LOOK);
  }
  return true;
}

/** What a node has to answer: what the clients wrote, or later, and what they claim. */
async function checkNode(
  simulation: Simulation,
  cluster: Cluster,
  node: string,
  reads: readonly Operation[],
  fail: Fail,
): Promise<void> {
  const demands = [
    ...reads.filter(({ outcome }) => outcome === 'ok').map((read) => demandOfRead(cluster, node, read)),
    ...cluster.claims.map((claim) => demandOfClaim(cluster, node, claim)),
  ];
  let mayRestart = true;
  for (const { look, blame } of demands) {
    let seen = await lookUntilRight(simulation, look);
    if (mayRestart && seen !== undefined && isLeftBehind(simulation, seen)) {
      mayRestart = false;
      await startAnew(simulation, cluster, node);
      seen = await lookUntilRight(simulation, look);
    }
    if (seen !== undefined) fail('standbys follow', blame(seen));
  }
}

interface Demand {
  /** What is wrong; undefined: nothing. */
  readonly look: () => Promise<string | undefined>;
  readonly blame: (seen: string) => string;
}

const demandOfRead = (cluster: Cluster, node: string, { key, version = 0 }: Operation): Demand => ({
  look: async () => {
    const answer = await ask(cluster, node, key);
    if (answer === undefined) return 'no answer';
    const seen = getOutcome(answer);
    // A write whose client gave up may still arrive late, but never takes a version away.
    if (seen.outcome === 'ok' && (seen.version ?? 0) >= version) return undefined;
    return seen.outcome === 'ok' ? `version ${seen.version}` : (seen.note ?? 'no answer');
  },
  blame: (seen) => `${node} answers ${seen} for ${key}, which is at version ${version}`,
});

const demandOfClaim = (cluster: Cluster, node: string, { what, path, token, holds }: Claim): Demand => ({
  look: async () => {
    const answer = await ask(cluster, node, path, token === undefined ? {} : { token });
    if (answer === undefined) return 'no answer';
    const body = decodeUtf8(answer.body);
    return holds(answer.status, body) ? undefined : `${answer.status} ${body.trim()}`;
  },
  blame: (seen) => `${node} does not hold to it that ${what}: ${seen.slice(0, 200)}`,
});

/** Looks again for a while when something is not as it has to be; gives what is wrong in the end. */
async function lookUntilRight(simulation: Simulation, look: Demand['look']): Promise<string | undefined> {
  let seen: string | undefined;
  for (let turn = 1; turn <= LOOKS; turn++) {
    seen = await look();
    if (seen === undefined) return undefined;
    await simulation.sleep(SECOND);
  }
  return seen;
}

/**
 * A crash between the two writes of a key rotation leaves the standbys without a way to the new key, as upstream
 * (facts §1.4): the operator's remedy is a restart, after which nothing may be wrong.
 */
const isLeftBehind = ({ faults }: Simulation, seen: string): boolean =>
  faults.records.length > 0 && seen.includes('no decryption key available');

async function startAnew(simulation: Simulation, cluster: Cluster, node: string): Promise<void> {
  cluster.kill(node);
  cluster.restart(node);
  await simulation.sleep(SECOND);
  if (cluster.wantsShares) await cluster.operator.unseal(cluster.address(node), cluster.keys.shares);
  await cluster.ready();
}

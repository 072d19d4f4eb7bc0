/** Every checker, for every run: no story can forget one. */
import { decodeBase64 } from '../../core/codec/base64.ts';
import { decodeHex, encodeHex } from '../../core/codec/hex.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Cluster } from '../cluster.ts';
import type { Simulation } from '../simulation.ts';
import { CanariesStayHidden, type Secret } from './canaries.ts';
import type { Checker, Verdicts } from './checker.ts';
import { DisksDecryptOffline, type NodeDisk } from './disks.ts';
import { DeposedLeadersGiveWay } from './deposed.ts';
import { KvIsLinearizable } from './histories.ts';
import { OneLeaderATerm } from './leaders.ts';
import { LeadersKeepTheRules } from './leadership.ts';
import { NothingIsLeftBehind } from './leftovers.ts';
import { LogsAgree } from './logs.ts';
import { MembersAgree } from './members.ts';
import { NoncesAreFresh } from './nonces.ts';
import type { Unsealing } from './offline-keys.ts';
import { SealedNodesAreSilent } from './sealed.ts';
import { SealedNodesHoldNoKeys } from './sealed-keys.ts';
import { StandbysNeverWrite } from './standbys.ts';
import { SameStateAtSameIndex } from './states.ts';

/** How operator.ts initialises. */
const SHAMIR_THRESHOLD = 3;

export function standardCheckers(simulation: Simulation, verdicts: Verdicts): Checker[] {
  const diskLies = (node: string): boolean => simulation.faults.records.some((fault) => breaks(fault, node));
  const leftovers = new NothingIsLeftBehind(verdicts, simulation.crypto);
  return [
    new OneLeaderATerm(verdicts, diskLies),
    new DeposedLeadersGiveWay(
      verdicts,
      (node, since) =>
        simulation.faults.records.some((fault) => hinders(fault, node) && (fault.until ?? Infinity) >= since),
      (node, since) =>
        simulation.faults.records.some(
          ({ kind, nodes, at, until }) =>
            until === undefined && at <= since && SILENCING.has(kind) && nodes.includes(node),
        ),
    ),
    new LeadersKeepTheRules(verdicts, (node) =>
      simulation.faults.records.some(
        ({ kind, nodes, until }) => until === undefined && FAILING_DISK.has(kind) && nodes.includes(node),
      ),
    ),
    new LogsAgree(verdicts, diskLies),
    new MembersAgree(verdicts),
    new SameStateAtSameIndex(verdicts, diskLies),
    new NoncesAreFresh(verdicts),
    new StandbysNeverWrite(verdicts),
    new SealedNodesAreSilent(verdicts),
    new SealedNodesHoldNoKeys(verdicts),
    new KvIsLinearizable(simulation.histories, verdicts),
    leftovers,
    new DisksDecryptOffline(simulation.crypto, () => nodeDisks(simulation, leftovers), verdicts),
    canaries(simulation, verdicts),
  ];
}

/** Faults after which a disk may lack what was synced, through no fault of the node. */
const breaks = ({ kind, nodes }: { readonly kind: string; readonly nodes: readonly string[] }, node: string): boolean =>
  (kind === 'fsync lies' || kind === 'bit rot') && nodes.includes(node);

/** Faults during which no other node hears anything of those that they hit. */
const SILENCING: ReadonlySet<string> = new Set(['kill', 'shutdown', 'power loss', 'pause', 'isolate']);

/** Faults while which what a node writes may fail. */
const FAILING_DISK: ReadonlySet<string> = new Set(['write fails', 'sync fails', 'fsync fails', 'disk full']);

/** Faults of the node itself, not of what lies between it and others. */
const hinders = (
  { kind, nodes }: { readonly kind: string; readonly nodes: readonly string[] },
  node: string,
): boolean =>
  nodes.includes(node) &&
  !/^(isolate|partition|one-way partition|clog|swizzle|bad network|reset connections|step-down)/.test(kind);

function* nodeDisks({ clusters }: Simulation, leftovers: NothingIsLeftBehind): Iterable<NodeDisk> {
  for (const cluster of clusters) {
    if (cluster.keys.rootToken === '' || cluster.sharesLost) continue;
    const unsealing = unsealingOf(cluster);
    const namespaces = new Map<string, readonly Unsealing[]>();
    for (const [uuid, shares] of cluster.namespaceShares) {
      namespaces.set(uuid, [{ type: 'shamir', shares: shares.map(decodeHex), threshold: shares.length }]);
    }
    const disks = [...cluster.disks].filter(([node]) => !cluster.isScrapped(node));
    for (const [index, [node, { files }]] of disks.entries()) {
      const disk = { node, files: files.files(), unsealing, namespaces };
      // Of replicas that agree it is enough to look at one.
      const look: NodeDisk['look'] = (now, entries) => leftovers.look(now, node, entries);
      yield cluster.settled && index === 0 ? { ...disk, look } : disk;
    }
  }
}

function unsealingOf({ opened, options, sealKey }: Cluster): Unsealing[] {
  const threshold = options.shares?.[1] ?? SHAMIR_THRESHOLD;
  return opened.by.flatMap((seal): Unsealing[] => {
    if (seal === 'static') return [{ type: 'static', key: sealKey }];
    if (seal !== 'shamir') return [{ type: 'service', decrypt: (ciphertext) => seal.decrypt(ciphertext) }];
    return opened.shares.map((shares) => ({
      type: 'shamir',
      shares: shares.map(decodeBase64),
      threshold: Math.min(threshold, shares.length),
    }));
  });
}

function canaries(simulation: Simulation, verdicts: Verdicts): Checker {
  const { world } = simulation;
  const { network } = simulation.network;
  let known: readonly Secret[] = [{ what: 'a secret that a client wrote', bytes: encodeUtf8('canary-') }];
  const of = new Set<string>();
  const secrets = (): readonly Secret[] => {
    for (const { keys, sealKey } of simulation.clusters) {
      if (keys.rootToken === '' || of.has(keys.rootToken)) continue;
      of.add(keys.rootToken);
      known = [...known, ...operatorsSecrets(keys.rootToken, keys.shares), { what: 'the seal key', bytes: sealKey }];
    }
    return known;
  };
  const checker = new CanariesStayHidden(
    {
      secrets,
      *files() {
        for (const { disks } of simulation.clusters)
          for (const [node, disk] of disks) for (const [path, bytes] of disk.files.files()) yield [node, path, bytes];
      },
    },
    verdicts,
  );
  network.tap(({ from, to, bytes }) => {
    if (network.host(from)?.role === 'node' && network.host(to)?.role === 'node')
      checker.message(world.now, from, to, bytes);
  });
  return checker;
}

function* operatorsSecrets(rootToken: string, shares: readonly string[]): Iterable<Secret> {
  yield { what: 'the root token', bytes: encodeUtf8(rootToken) };
  for (const share of shares) {
    const bytes = decodeBase64(share);
    yield { what: 'a share', bytes };
    yield { what: 'a share', bytes: encodeUtf8(share) };
    yield { what: 'a share', bytes: encodeUtf8(encodeHex(bytes)) };
  }
}

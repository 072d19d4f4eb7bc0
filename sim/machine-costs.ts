/**
 * What the real server costs on a machine of two cores, everything on one host. Each value was measured by itself with
 * bench/machine-costs.ts against OpenBao 2.7.2, or is a row of the budget table of the design; none comes from a
 * failover. Micros.
 */
import type { CostTable } from './cpu.ts';
import { type DiskProfile, SSD } from './disk/disk.ts';
import { type Distribution, quantiles } from './distribution.ts';
import { type LinkProfile, LOOPBACK } from './network/link.ts';

export const measuredCosts: CostTable = new Map([
  // A health request: the transport, without what it asks for.
  ['http', 135],
  // KV v2 as root: 600 a read, 1,090 a write in memory, both with the transport.
  ['request.read', 465],
  ['request.write', 955],
  // The same read by a token with policies and a TTL: 1,589.
  ['request.policies', 989],
  // An AppRole login: 1,482.
  ['request.login', 1_347],
  // A write on integrated storage costs 808 more (1,898); a follower spends about as much, and nothing else.
  ['raft.append', 404],
  ['raft.apply', 404],
  // The standby's part in a write that it forwards: 1,695 against 945 of a bystander; the active node's: 350 more.
  ['cluster.forward', 750],
  ['cluster.forwarded', 215],
  // Half of the way from the hello to the client's certificate, with P-521 on both sides: 7,000.
  ['cluster.handshake', 3_500],
  // Setting up what an unsealed node has, on a single node that is started again.
  ['core.post-unseal', 6_000],
  // Key and self-signed certificate of a new active node, on the same.
  ['cluster.certificate', 10_000],
]);

/** Percent of the median, of the times in which a lone client gets its answers one after another. */
export const measuredSpread: Distribution = quantiles(65, 82, 90, 100, 118, 164, 400);

/** Of a client on Node: `fetch` takes 700 in all, half of it before the request is on its way. */
export const measuredClientCosts: CostTable = new Map([
  ['client.send', 350],
  ['client.receive', 350],
]);

/** By how much such a client is late with a pause of 10 ms, and with giving up a silent server after 300 ms. */
export const measuredPauseLateness: Distribution = quantiles(0, 20, 210, 300, 340, 440, 1_700);
export const measuredTimeoutLateness: Distribution = quantiles(0, 459, 590, 937, 1_326, 2_076, 4_000);

/** From the start of the process until raft starts; 12 restarts of a follower. */
export const measuredStart: Distribution = quantiles(92_000, 96_000, 98_000, 100_000, 106_000, 112_000, 122_000);

/** A bbolt commit makes two syncs: each is half of what was measured. */
export const measuredDisk: DiskProfile = { ...SSD, sync: quantiles(92, 105, 120, 137, 152, 175, 600) };

/** Half a round trip of 200 bytes over idle loopback connections was 47 (21–151). */
export const measuredLink: LinkProfile = LOOPBACK;

/** All that a machine costs the real server, and the client that measures it. */
export interface MachineProfile {
  readonly costs: CostTable;
  readonly start: Distribution;
  readonly disk: DiskProfile;
  readonly pauseLateness: Distribution;
  readonly timeoutLateness: Distribution;
}

export const measuredMachine: MachineProfile = {
  costs: measuredCosts,
  start: measuredStart,
  disk: measuredDisk,
  pauseLateness: measuredPauseLateness,
  timeoutLateness: measuredTimeoutLateness,
};

/**
 * Another machine of two cores, a quarter to a third slower but for its disk, measured the same way on the day on
 * which its failovers were: what a simulation foretells with these, and nothing else changed, can be held against them.
 */
export const slowerMachine: MachineProfile = {
  costs: new Map([
    ['http', 140],
    ['request.read', 370],
    ['request.write', 770],
    ['request.policies', 810],
    // AppRole logins play no part in failovers and were not measured.
    ['request.login', 1_347],
    ['raft.append', 512],
    ['raft.apply', 512],
    ['cluster.forward', 940],
    ['cluster.forwarded', 215],
    ['cluster.handshake', 4_000],
    ['core.post-unseal', 7_000],
    ['cluster.certificate', 17_000],
  ]),
  start: quantiles(126_000, 130_000, 141_000, 142_000, 144_000, 151_000, 152_000),
  disk: { ...SSD, sync: quantiles(66, 88, 90, 92, 95, 102, 217) },
  pauseLateness: quantiles(0, 0, 0, 37, 488, 849, 1_055),
  timeoutLateness: quantiles(0, 804, 937, 1_117, 1_358, 1_771, 3_341),
};

/** A machine of two cores with nothing else to do: its costs, measured the same way just before its failovers were. */
export const idleMachine: MachineProfile = {
  costs: new Map([
    ['http', 170],
    ['request.read', 435],
    ['request.write', 787],
    ['request.policies', 875],
    // AppRole logins play no part in failovers and were not measured.
    ['request.login', 1_347],
    ['raft.append', 519],
    ['raft.apply', 519],
    ['cluster.forward', 1_105],
    ['cluster.forwarded', 365],
    ['cluster.handshake', 4_500],
    ['core.post-unseal', 7_000],
    // Key, certificate and advertisement took 19,000, of which a write is counted elsewhere.
    ['cluster.certificate', 17_000],
  ]),
  start: quantiles(139_000, 146_000, 150_000, 152_000, 157_000, 158_000, 166_000),
  disk: { ...SSD, sync: quantiles(57, 73, 86, 90, 95, 103, 146) },
  pauseLateness: quantiles(0, 0, 4, 79, 198, 828, 1_191),
  timeoutLateness: quantiles(0, 1_027, 1_138, 1_271, 1_390, 1_623, 3_982),
};

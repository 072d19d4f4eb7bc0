/** The standbys that the active node has heard of lately: `sys/ha-status`. */
import { compareText } from '../../codec/bytes.ts';
import type { JsonValue } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { type Clock, type Micros, SECOND } from '../../runtime.ts';
import type { EchoCall } from './calls.ts';

const EXPIRY: Micros = 15 * SECOND;

export class HaPeers {
  readonly #clock: Clock;
  readonly #peers = new Map<string, { echo: EchoCall; at: Micros; wall: Micros }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(echo: EchoCall): void {
    this.#peers.set(echo.clusterAddress, { echo, at: this.#clock.monotonic(), wall: this.#clock.wall() });
  }

  clear(): void {
    this.#peers.clear();
  }

  /** This node first made one of them, all in the order of their API addresses. */
  status(self: PeerFacts): JsonValue[] {
    const now = this.#clock.monotonic();
    const shown = [...this.#peers.values()]
      .filter(({ at }) => now - at < EXPIRY)
      .map(({ echo, wall }) => ({ address: echo.apiAddress, row: entry(echo, false, formatRfc3339(wall)) }));
    shown.push({ address: self.apiAddress, row: entry(self, true, null) });
    return shown.sort((a, b) => compareText(a.address, b.address)).map(({ row }) => row);
  }
}

interface PeerFacts {
  readonly hostname: string;
  readonly apiAddress: string;
  readonly clusterAddress: string;
  readonly version: string;
  /** '' but on raft. */
  readonly upgradeVersion: string;
}

const entry = (node: PeerFacts, active: boolean, lastEcho: string | null): JsonValue =>
  new Map<string, JsonValue>([
    ['hostname', node.hostname],
    ['api_address', node.apiAddress],
    ['cluster_address', node.clusterAddress],
    ['active_node', active],
    ['last_echo', lastEcho],
    ['version', node.version],
    ...(node.upgradeVersion === '' ? [] : ([['upgrade_version', node.upgradeVersion]] as const)),
  ]);

/** What a cluster under test is made of. */
import type { CostTable } from './cpu.ts';
import type { DiskProfile } from './disk/disk.ts';
import type { Distribution } from './distribution.ts';
import type { NodePlan } from './node.ts';
import type { KeyService } from './services/key-service.ts';

export interface ClusterOptions {
  readonly nodes: number;
  /** Machines beside it, named on from the nodes, that start when a story says so and join nothing by themselves. */
  readonly spares?: number;
  readonly storage?: NodePlan['storage'];
  /** performance_multiplier; upstream's default is 5. */
  readonly multiplier?: number;
  readonly seal?: Sealing;
  /** How many unseal shares there are, and how many are needed; 5 and 3 when not said. */
  readonly shares?: readonly [shares: number, threshold: number];
  /** The version that all nodes imitate, or one for each. */
  readonly profile?: string | readonly string[];
  readonly standbyReads?: boolean;
  /** Nodes, by their names, whose database is a replica of the others', and how late that has what was committed. */
  readonly replica?: { readonly nodes: readonly string[]; readonly lag: Distribution };
  /** Of each machine. */
  readonly cores?: number;
  /** The nodes are programs on one machine and share its cores. */
  readonly oneMachine?: boolean;
  readonly costs?: CostTable;
  readonly disk?: DiskProfile;
  readonly settings?: NodePlan['settings'];
  /** How soon files begin anew. */
  readonly files?: NodePlan['files'];
  /** Secret engines beside those that are built in. */
  readonly engines?: NodePlan['engines'];
  /** From the start of the process to the start of the server. */
  readonly startup?: Distribution;
  /** What a node calls its API address towards clients; where it listens when left out. */
  readonly advertised?: (name: string) => string;
}

/** By its name, or somebody else's service. */
export type Sealing = 'static' | 'shamir' | KeyService;

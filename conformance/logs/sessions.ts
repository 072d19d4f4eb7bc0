/** What is played to both servers. */
import type { Make } from './common.ts';
import { alone } from './played/alone.ts';
import { cluster } from './played/cluster.ts';
import { declared } from './played/declared.ts';
import { dev } from './played/dev.ts';
import { memory } from './played/memory.ts';
import { postgresql } from './played/postgresql.ts';
import { single } from './played/single.ts';
import { tls } from './played/tls.ts';
import { transit } from './played/transit.ts';
import type { Session } from './session.ts';

export const SESSIONS: Readonly<Record<string, (make: Make) => Promise<Session>>> = {
  dev,
  single,
  memory,
  tls,
  declared,
  alone,
  standby: (make) => cluster(make, 'young'),
  cluster: (make) => cluster(make, 'old'),
  transit,
  postgresql,
};

/** What is played to both servers. */
import { alone } from './played/alone.ts';
import { cluster } from './played/cluster.ts';
import { database } from './played/database.ts';
import { declared } from './played/declared.ts';
import { dev } from './played/dev.ts';
import { memory } from './played/memory.ts';
import { pki } from './played/pki.ts';
import { postgresql } from './played/postgresql.ts';
import { single } from './played/single.ts';
import { snapshot } from './played/snapshot.ts';
import { tls } from './played/tls.ts';
import { transit } from './played/transit.ts';
import type { Play } from './side-by-side.ts';

export const SESSIONS: Readonly<Record<string, Play>> = {
  dev,
  single,
  memory,
  tls,
  declared,
  alone,
  standby: (session) => cluster(session, 'young'),
  cluster: (session) => cluster(session, 'old'),
  transit,
  snapshot,
  pki,
  database,
  postgresql,
};

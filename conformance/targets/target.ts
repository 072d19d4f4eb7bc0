/** What the suite can be pointed at: our server, a real program, a container, an address. */
import type { ServerKind } from '../case.ts';

/** A server (or cluster) that was started for one case and is its alone. */
export interface Running {
  /** Of each node; the active one first. */
  readonly addresses: readonly string[];
  /** What each node calls itself, where that is something else. */
  readonly advertised?: readonly string[];
  /** Empty when it is not initialised. */
  readonly token: string;
  /** '2.7.2'. */
  readonly version: string;
  /** Whether it still runs; false after it died by itself. */
  alive(): boolean;
  stop(): Promise<void>;
}

export interface Target {
  /** As it was asked for, e.g. 'program:2.7.2'. */
  readonly name: string;
  /** What it can be started as; cases that want something else are left out, and the report says so. */
  readonly kinds: readonly ServerKind[];
  /** One server for all cases, somebody else's: it is tidied after each, and never sealed. */
  readonly shared?: true;
  start(kind: ServerKind): Promise<Running>;
  /** When the suite is done with it. */
  close(): Promise<void>;
}

/** Something the person who runs the suite can mend, in one line. */
export class TargetError extends Error {}

/**
 * `spec`: ours, ours:program, program:VERSION (or just VERSION), container:VERSION, http(s)://address. Rejects with
 * TargetError.
 */
export async function openTarget(spec: string, token?: string): Promise<Target> {
  const [make, version] = (VERSION.test(spec) ? `program:${spec}` : spec).split(':');
  if (spec === 'ours') return (await import('./ours.ts')).oursInProcess();
  if (spec === 'ours:program') return (await import('./program.ts')).oursAsProgram();
  if (make === 'program') return (await import('./program.ts')).realProgram(checked(version, spec));
  if (make === 'container') return (await import('./container.ts')).container(checked(version, spec));
  if (make === 'http' || make === 'https') return (await import('./address.ts')).address(spec, token);
  throw new TargetError(
    `unknown target ${JSON.stringify(spec)}: ours, ours:program, program:VERSION, container:VERSION or https://ADDRESS`,
  );
}

const VERSION = /^\d+\.\d+\.\d+$/;

function checked(version: string | undefined, spec: string): string {
  if (version !== undefined && VERSION.test(version)) return version;
  throw new TargetError(`target ${JSON.stringify(spec)} wants a version like 2.7.2`);
}

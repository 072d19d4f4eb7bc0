/** A run in a file: enough to play exactly it again, and to notice when it does not come out the same. */
import type { RunRecord } from '../core/trace.ts';

export interface Capsule {
  readonly steamer: string;
  /** The scenario's file, relative to where the program runs. */
  readonly file: string;
  readonly scenario: string;
  readonly seed: number;
  readonly hash: string;
  readonly verdict: RunRecord['verdict'];
  /** How the run was made, by the names of the program's flags. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** A capsule that cannot be played; the text says why, in one line. */
export class CapsuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CapsuleError';
  }
}

export function printCapsule(run: RunRecord, version: string, file: string, options: Capsule['options'] = {}): string {
  const { scenario, seed, hash, verdict } = run;
  const capsule: Capsule = { steamer: version, file, scenario, seed, hash, verdict, options };
  return `${JSON.stringify(capsule, undefined, 2)}\n`;
}

/** Reads a capsule made by this very version: another's events are not ours. Throws CapsuleError. */
export function readCapsule(text: string, version: string): Capsule {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CapsuleError('the capsule is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new CapsuleError('the capsule is not an object');
  const fields = value as Record<string, unknown>;
  for (const name of ['steamer', 'file', 'scenario', 'hash', 'verdict']) {
    if (typeof fields[name] !== 'string') throw new CapsuleError(`the capsule has no ${name}`);
  }
  if (!Number.isSafeInteger(fields['seed'])) throw new CapsuleError('the capsule has no seed');
  if (fields['steamer'] !== version) {
    throw new CapsuleError(`the capsule is from version ${String(fields['steamer'])}, this is ${version}`);
  }
  return { options: {}, ...fields } as unknown as Capsule;
}

/** A run that a capsule describes, ready to be played once its bug, if any, has been planted. */
import { readFileSync } from 'node:fs';
import type { Capsule } from '../../sim/capsule.ts';
import { parseFlags, UsageError } from '../flags.ts';
import { choiceFlags, type Choices, choices, plantChosen } from './choices.ts';
import type { Task } from './play.ts';

export interface RecordedRun {
  readonly capsule: Capsule;
  readonly task: Task;
  readonly chosen: Choices;
}

/** Reads it, plants its bug and finds its story. Throws UsageError. */
export async function openCapsule(path: string): Promise<RecordedRun> {
  const { readCapsule, CapsuleError } = await import('../../sim/capsule.ts');
  const { version } = await import('./files.ts');
  let capsule;
  try {
    capsule = readCapsule(readFileSync(path, 'utf8'), version());
  } catch (error) {
    if (error instanceof CapsuleError) throw new UsageError(`${path}: ${error.message}`);
    throw new UsageError(`${path}: cannot be read; name a *.capsule.json that steamer run has written`);
  }
  const flags = Object.entries(capsule.options).map(([name, value]) => `--${name}=${String(value)}`);
  const chosen = choices(parseFlags(flags, choiceFlags));
  await plantChosen(chosen.bug);
  const { storyFiles, stories } = await import('./stories.ts');
  const file = storyFiles([capsule.file])[0]!;
  const story = (await stories(file)).findIndex(({ name }) => name === capsule.scenario);
  if (story < 0) throw new UsageError(`${file}: no longer tells "${capsule.scenario}"`);
  return { capsule, task: { file, story, seed: capsule.seed }, chosen };
}

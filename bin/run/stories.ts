/** Finds story files and loads what they tell. */
import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../flags.ts';
import { takeScenarios, type Scenario } from '../../sim/scenario.ts';

/** The package's own stories are JavaScript. */
const isStory = (file: string): boolean => /\.scenario\.[jt]s$/.test(file);

/** Stories that take minutes are told only when their folder or file is named. */
const isLong = (file: string): boolean => /(^|[\\/])long[\\/]/.test(file);

/** Story files named, or all below the folders named, in byte order, relative to the working folder. */
export function storyFiles(names: readonly string[]): string[] {
  const files = names.flatMap((name) => {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat === undefined)
      throw new UsageError(`${name}: no such file or folder; name a *.scenario.ts file or a folder of them`);
    if (!stat.isDirectory()) {
      if (!isStory(name)) throw new UsageError(`${name}: not a story; stories are named *.scenario.ts`);
      return [name];
    }
    const found = readdirSync(name, { recursive: true, encoding: 'utf8' }).filter(
      (file) => isStory(file) && !isLong(file),
    );
    if (found.length === 0) throw new UsageError(`${name}: no *.scenario.ts file in this folder`);
    return found.sort().map((file) => join(name, file));
  });
  return files.map((file) => relative(process.cwd(), resolve(file)));
}

/** A story, by its place in its file. */
export interface Telling {
  readonly file: string;
  readonly story: number;
}

/** All that the files named, and those below the folders named, tell; only the stories of one name, if one is given. */
export async function tellings(names: readonly string[], only: string | undefined): Promise<readonly Telling[]> {
  const found: Telling[] = [];
  for (const file of storyFiles(names))
    for (const [story, { name }] of (await stories(file)).entries())
      if ((only ?? name) === name) found.push({ file, story });
  if (found.length === 0) throw new UsageError(`--only ${only}: no story of this name`);
  return found;
}

const loaded = new Map<string, Promise<readonly Scenario[]>>();

/** What a file tells, loaded once. */
export function stories(file: string): Promise<readonly Scenario[]> {
  let found = loaded.get(file);
  if (found === undefined) loaded.set(file, (found = loadStories(file)));
  return found;
}

/** What a file tells. Throws UsageError, in one line, for a file that does not load or tells nothing. */
async function loadStories(file: string): Promise<readonly Scenario[]> {
  takeScenarios();
  try {
    await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new UsageError(`${file}: does not load: ${firstLine(error)}`);
  }
  const stories = takeScenarios();
  if (stories.length === 0) throw new UsageError(`${file}: tells no story; call scenario('…', async (sim) => …) in it`);
  return stories;
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!;

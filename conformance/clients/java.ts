/** Programs in Java around other people's clients: built once, into the project's cache. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Missing } from '../missing.ts';

const sources = fileURLToPath(new URL('java', import.meta.url));
const built = fileURLToPath(new URL('../../.cache/java-clients', import.meta.url));
const run = promisify(execFile);

/** The words that start the program in the folder `java`. Throws Missing where Maven or the clients cannot be had. */
export async function buildJava(): Promise<readonly string[]> {
  const maven = (...words: string[]) => run('mvn', ['-q', '-B', ...words], { cwd: sources, timeout: 280_000 });
  const list = join(built, 'classpath');
  await maven('dependency:build-classpath', `-Dmdep.outputFile=${list}`).catch(() => {
    throw new Missing('spring-vault-core and vault-java-driver cannot be had: install a JDK of 17 or later, and Maven');
  });
  await maven('compile');
  return ['java', '-cp', [join(built, 'classes'), await readFile(list, 'utf8')].join(delimiter), 'Told'];
}

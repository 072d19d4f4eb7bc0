/** Programs in Go around other people's clients: built once, into the project's cache. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Missing } from '../missing.ts';

/** The path of the program; its sources are in the folder of its name beside this file. Throws Missing where there is no Go, or where the modules cannot be had. */
export async function buildGo(name: string, modules: string): Promise<string> {
  const sources = fileURLToPath(new URL(name, import.meta.url));
  const program = fileURLToPath(new URL(`../../.cache/${name}/told`, import.meta.url));
  const go = (...words: string[]) => promisify(execFile)('go', words, { cwd: sources, timeout: 280_000 });
  await go('mod', 'download').catch(() => {
    throw new Missing(`${modules} cannot be had: install Go 1.26 and let it fetch them`);
  });
  await go('build', '-o', program, '.');
  return program;
}

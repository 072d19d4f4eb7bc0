/** The package.json of what is published: the project's, with JavaScript where it names TypeScript. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** The project pins its own Node, builds and tests itself; whoever installs the package does none of that. */
const OURS_ALONE = new Set(['scripts', 'devDependencies', 'optionalDependencies']);

export function manifest(root: string): Manifest {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const kept = Object.fromEntries(Object.entries(own).filter(([key]) => !OURS_ALONE.has(key)));
  const exports = Object.entries(own.exports).map(([name, file]) => [name, javaScript(String(file))]);
  const program = { steamer: 'bin/steamer.js' };
  return {
    ...kept,
    bin: program,
    peerDependencies: own.peerDependencies,
    exports: Object.fromEntries(exports) as Manifest['exports'],
  };
}

function javaScript(file: string): unknown {
  if (!file.endsWith('.ts')) return file;
  const name = file.slice(0, -'.ts'.length);
  return { types: `${name}.d.ts`, default: `${name}.js` };
}

/**
 * `npm run build`: the package as it is published, in dist/package. Node does not strip types below node_modules, so
 * every TypeScript file becomes JavaScript of the same name beside its declarations; what has to start fast (the server
 * command and the embedded server) is bundled into one file each, because linking some four hundred modules one by one
 * is most of a start.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { manifest } from './manifest.ts';
import { namesJavaScript } from './names.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = join(root, 'dist/package');

const FOLDERS = ['bin', 'bugs', 'conformance', 'core', 'embed', 'host', 'reports', 'reproduce', 'scenarios', 'sim'];
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE', 'docs/report.png'];
/** Data that programs read at run time. */
const DATA = [
  'conformance/cases',
  'conformance/clusters/scripts',
  'conformance/recordings',
  'conformance/intended.txt',
  'conformance/open.txt',
  'core/cel/answers.golden.json',
  'core/codec/go-template/answers.golden.json',
  'core/crypto/x509/real.golden.txt',
];
const BUNDLES = ['bin/commands/server', 'embed/index'];

function write(path: string, text: string): void {
  const target = join(out, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

async function mirror(): Promise<number> {
  const sources = globSync(
    FOLDERS.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  ).filter((path) => !path.endsWith('.test.ts') && !path.startsWith('bin/package/'));
  for (const path of sources) {
    const { code } = await transform(readFileSync(join(root, path), 'utf8'), { loader: 'ts', target: 'node22' });
    const name = path.slice(0, -'.ts'.length);
    write(`${name}.js`, namesJavaScript(code));
    const declarations = join(root, 'dist/types', `${name}.d.ts`);
    if (existsSync(declarations)) write(`${name}.d.ts`, namesJavaScript(readFileSync(declarations, 'utf8')));
  }
  return sources.length;
}

/**
 * What a start needs is one file; what is imported late stays apart and imports from it. (esbuild makes a file of each
 * set of modules that the same parts share: a start linked fifty of them.) Workers are files of their own, found beside
 * the bundle that starts them.
 */
async function bundle(entry: string, dir: string): Promise<void> {
  const packages = Object.keys(manifest(root).peerDependencies);
  const built = await rolldown({
    cwd: root,
    input: { [basename(entry)]: `${entry}.ts` },
    platform: 'node',
    external: (id) => packages.some((name) => id === name || id.startsWith(`${name}/`)),
    transform: { target: 'node22' },
  });
  const { output } = await built.generate({
    format: 'esm',
    codeSplitting: { groups: [{ name: `${basename(entry)}-start`, tags: ['$initial'] }] },
  });
  await built.close();
  for (const chunk of output) {
    if (chunk.type !== 'chunk') continue;
    // In ASCII: one letter beyond it and V8 keeps the whole file with two bytes a letter. Minified: each name in it is a
    // string that a start has to make (one CPU-ms in twenty).
    const { code } = await transform(chunk.code, { charset: 'ascii', minify: true, target: 'node22' });
    write(join(dir, chunk.fileName), namesJavaScript(code));
  }
}

rmSync(out, { recursive: true, force: true });
const count = await mirror();
const workers = globSync('host/*-worker.ts', { cwd: root }).map((path) => path.slice(0, -'.ts'.length));
for (const entry of BUNDLES) {
  for (const each of [entry, ...workers]) await bundle(each, dirname(entry));
}
for (const path of [...DOCUMENTS, ...DATA]) cpSync(join(root, path), join(out, path), { recursive: true });
write('package.json', `${JSON.stringify(manifest(root), undefined, 2)}\n`);
console.log(`dist/package: ${count} modules, ${BUNDLES.length} bundles; "npm pack ./dist/package" makes the archive`);

/**
 * `npm run build`: the package as it is published, in dist/package. Node does not strip types below node_modules, so
 * every TypeScript file becomes JavaScript of the same name beside its declarations; what has to start fast (the server
 * command and the embedded server) is bundled into one file each, because linking some four hundred modules one by one
 * is most of a start.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { manifest } from './manifest.ts';
import { namesJavaScript } from './names.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = join(root, 'dist/package');

const FOLDERS = ['bin', 'bugs', 'conformance', 'core', 'embed', 'host', 'reports', 'scenarios', 'sim'];
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

/** Workers are files of their own, found beside the bundle that starts them. What is imported late stays apart. */
async function bundle(): Promise<void> {
  const external = Object.keys(manifest(root).peerDependencies);
  const workers = globSync('host/*-worker.ts', { cwd: root });
  for (const entry of BUNDLES) {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: [`${entry}.ts`, ...workers],
      entryNames: '[name]',
      outdir: join(out, dirname(entry)),
      bundle: true,
      minifyWhitespace: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      external,
      write: false,
    });
    for (const { path, text } of outputFiles) write(relative(out, path), namesJavaScript(text));
  }
}

rmSync(out, { recursive: true, force: true });
const count = await mirror();
await bundle();
for (const path of [...DOCUMENTS, ...DATA]) cpSync(join(root, path), join(out, path), { recursive: true });
write('package.json', `${JSON.stringify(manifest(root), undefined, 2)}\n`);
console.log(`dist/package: ${count} modules, ${BUNDLES.length} bundles; "npm pack ./dist/package" makes the archive`);

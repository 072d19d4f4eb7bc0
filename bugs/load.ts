/** Makes the module loader apply a bug's edits. Call before the first import of what it changes. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { applyEdits, type Bug } from './bug.ts';

const root = new URL('../', import.meta.url).href;

/** The published package has no source to edit. */
export class NoSource extends Error {
  override readonly name = 'NoSource';
}

export function plant(bug: Bug): void {
  if (!import.meta.url.endsWith('.ts'))
    throw new NoSource(`${bug.name}: bugs are planted in the source; clone the repository to see them caught`);
  for (const file of new Set(bug.edits.map((edit) => edit.file)))
    applyEdits(bug, file, readFileSync(fileURLToPath(new URL(file, root)), 'utf8'));
  registerHooks({
    load(url, context, next) {
      const file = url.startsWith(root) ? url.slice(root.length) : undefined;
      if (file === undefined || !bug.edits.some((edit) => edit.file === file)) return next(url, context);
      const source = applyEdits(bug, file, readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(fileURLToPath(import.meta.url));

/** Who may import whom (ARCHITECTURE.md); tests may import anything. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  core: [],
  sim: ['core'],
  scenarios: ['sim', 'core'],
  host: ['core'],
  reproduce: ['core', 'sim'],
  reports: ['core/trace.ts', 'core/codec/log-text.ts'],
  embed: ['core', 'host', 'sim'],
  // Clusters are compared in simulation, and what other people's tests import is a target too.
  conformance: ['core', 'host', 'sim', 'embed', 'reports/junit.ts', 'reports/html/markup.ts'],
  bugs: ['core'],
};

/** Rooms within core that engines and auth methods may use: never each other, never the server. */
const ENGINE_MAY = [
  'core/framework',
  'core/crypto',
  'core/cel',
  'core/codec',
  'core/storage',
  'core/runtime.ts',
  'core/fault.ts',
  'core/assert.ts',
  'core/scope.ts',
  'core/mutex.ts',
  'core/ticker.ts',
];

const NODE_FREE = ['core', 'sim', 'scenarios', 'reproduce'];

interface Import {
  readonly file: string;
  readonly target: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.endsWith('.test.ts') && !/(?:testing|fixture|contract)\.ts$/.test(file));
}

function imports(folder: string): Import[] {
  return sources(folder).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => {
      const target = match[1]!;
      return { file, target: target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target };
    }),
  );
}

const inside = (target: string, rooms: readonly string[]) =>
  rooms.some((room) => target === room || target.startsWith(`${room}/`));

describe('the arrows of the architecture', () => {
  test.each(Object.entries(MAY))('%s imports only what it may', (room, allowed) => {
    const wrong = imports(room).filter(({ target }) => {
      const ours = inside(target, [...Object.keys(MAY), 'bin', 'bench']);
      return ours && !inside(target, [room, ...allowed]);
    });
    expect(wrong).toEqual([]);
  });

  test.each(NODE_FREE)('%s is free of Node', (room) => {
    expect(imports(room).filter(({ target }) => target.startsWith('node:') || target === 'vitest')).toEqual([]);
  });

  test.each(['core/engines', 'core/auth'])('%s use the framework, never the server or each other', (room) => {
    const wrong = imports(room).filter(({ file, target }) => {
      if (!inside(target, ['core'])) return false;
      const own = file.split('/').slice(0, 3).join('/');
      return !inside(target, [...ENGINE_MAY, own]);
    });
    expect(wrong).toEqual([]);
  });
});

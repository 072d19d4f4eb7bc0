import { expect, test } from 'vitest';
import { namesJavaScript } from './names.ts';

test.each([
  ["import { a } from './a.ts';", "import { a } from './a.js';"],
  ['export * from "../b/c.ts";', 'export * from "../b/c.js";'],
  ["import './a.ts';", "import './a.js';"],
  ["await import('./a.ts')", "await import('./a.js')"],
  ["type A = import('./a.ts').A;", "type A = import('./a.js').A;"],
  ["new Worker(new URL('./worker.ts', import.meta.url))", "new Worker(new URL('./worker.js', import.meta.url))"],
  ["import a from 'library/a.ts';", "import a from 'library/a.ts';"],
  ["const file = './story.scenario.ts';", "const file = './story.scenario.ts';"],
])('%s', (typescript, javascript) => {
  expect(namesJavaScript(typescript)).toBe(javascript);
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rootNamespace } from '../../framework/root-namespace.ts';
import { CompiledAcl } from './acl.ts';
import { parsePolicy } from './parse.ts';

interface Answer {
  readonly policies: readonly string[];
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
}

const answers = JSON.parse(
  readFileSync(fileURLToPath(new URL('capabilities.golden.json', import.meta.url)), 'utf8'),
) as Answer[];

test('capabilities of random policies are those that the real server told', () => {
  for (const { policies, capabilities } of answers) {
    const acl = new CompiledAcl(
      policies.map((text, i) => ({ name: `p${i}`, namespace: rootNamespace, paths: parsePolicy(text).paths })),
    );
    const own = Object.fromEntries(Object.keys(capabilities).map((path) => [path, acl.capabilities(path).sort()]));
    expect(own, policies.join('\n\n')).toEqual(capabilities);
  }
  expect(answers.flatMap(({ capabilities }) => Object.keys(capabilities)).length).toBeGreaterThan(500);
});

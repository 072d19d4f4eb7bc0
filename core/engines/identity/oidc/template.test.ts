import { expect, test } from 'vitest';
import { fillJsonTemplate } from './template.ts';

const filled = (text: string): string => fillJsonTemplate(text, { entity: undefined, groups: [], now: 100_000_000 });

test('times are now, or a while before or after it', () => {
  expect(filled('{{time.now}} {{time.now.plus.1m}} {{time.now.minus.10}} {{time.now.plus.}}')).toBe('100 160 90 100');
  expect(filled('{{time.now.plus.1s.9s}}')).toBe('101');
});

test.each([
  ['{{time.x.plus.zz}}', 'invalid time selector "x"'],
  ['{{time.}}', 'invalid time selector ""'],
  ['{{time.now.x}}', 'missing time operand'],
  ['{{time.now.x.zz}}', 'invalid duration: time: invalid duration "zz"'],
  ['{{time.now.PLUS.1h}}', 'invalid time operator "PLUS"'],
  ['{{time.now.x.1h}} {{', 'invalid time operator "x"'],
  ['{{time.now}} {{', 'unbalanced templating characters'],
  ['{{time}}', 'no value could be found for one of the template directives'],
])('%s is refused as upstream refuses it', (text, refusal) => {
  expect(() => filled(text)).toThrow(new RegExp(`^${refusal}$`));
});

import { expect, test } from 'vitest';
import { UsageError, parseFlags } from './flags.ts';

const known = { dev: 'boolean', name: 'string', config: 'strings', count: 'integer' } as const;

test('flags take one dash or two, values after = or a space', () => {
  const flags = parseFlags(['-dev', '--name=x', 'word', '-config', 'a', '-config=b', '-count=3', '--', '-dev'], known);
  expect(flags.boolean('dev')).toBe(true);
  expect(flags.string('name')).toBe('x');
  expect(flags.strings('config')).toEqual(['a', 'b']);
  expect(flags.integer('count')).toBe(3);
  expect(flags.rest).toEqual(['word', '-dev']);
});

test('a boolean may be turned off, the last word counts', () => {
  expect(parseFlags(['-dev', '-dev=false'], known).boolean('dev')).toBe(false);
  expect(parseFlags([], known).boolean('dev')).toBe(false);
  expect(parseFlags(['-name='], known).string('name')).toBe('');
});

test.each([
  ['-nope', 'flag provided but not defined: -nope'],
  ['-toString', 'flag provided but not defined: -toString'],
  ['-name', 'flag needs an argument: -name'],
  ['-dev=maybe', 'invalid boolean value "maybe" for -dev: strconv.ParseBool: parsing "maybe": invalid syntax'],
  ['-count=x', 'invalid value "x" for flag -count: strconv.ParseInt: parsing "x": invalid syntax'],
  [
    '-count=99999999999999999999',
    'invalid value "99999999999999999999" for flag -count: strconv.ParseInt: parsing "99999999999999999999": value out of range',
  ],
  ['---dev', 'bad flag syntax: ---dev'],
  ['-=x', 'bad flag syntax: -=x'],
])('%s is refused in Go’s words', (word, message) => {
  expect(() => parseFlags([word], known)).toThrow(new UsageError(message));
});

test('where flags come first, they end with the first word that is none', () => {
  const flags = parseFlags(['-dev', 'word', '-name=x'], known, 'first');
  expect(flags.boolean('dev')).toBe(true);
  expect(flags.string('name')).toBeUndefined();
  expect(flags.rest).toEqual(['word', '-name=x']);
});

test('a wrong flag knows what was not read', () => {
  expect(() => parseFlags(['-zzz', '-dev', 'w'], known)).toThrow(expect.objectContaining({ rest: ['-dev', 'w'] }));
});

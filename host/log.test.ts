import { expect, test } from 'vitest';
import { LogLevels } from '../core/server/log-levels.ts';
import { Plain, shownAddress, shownDuration } from '../core/codec/log-text.ts';
import type { LogForm } from '../core/runtime.ts';
import { hostLog } from './log.ts';

function lines(format: 'standard' | 'json') {
  const printed: string[] = [];
  const log = hostLog({ level: 'info', format, print: (line) => printed.push(line), now: () => 1_795_390_352_425 });
  log.write('debug', 'core', 'unseen');
  log.write('info', 'core', 'vault is unsealed');
  log.write('warn', '', 'unknown key', { key: 'a b', empty: '', n: 5 });
  log.write('error', 'storage.raft', 'failed', { error: new Error('1 error occurred:\n\t* boom\n\n') });
  return printed;
}

test('lines look like upstream’s', () => {
  expect(lines('standard')).toEqual([
    '2026-11-22T23:32:32.425Z [INFO]  core: vault is unsealed',
    '2026-11-22T23:32:32.425Z [WARN]  unknown key: key="a b" empty="" n=5',
    '2026-11-22T23:32:32.425Z [ERROR] storage.raft: failed:\n  error=\n  | 1 error occurred:\n  | \\t* boom\n  | \n',
  ]);
});

test('or are JSON', () => {
  expect(JSON.parse(lines('json')[1]!)).toEqual({
    '@level': 'warn',
    '@message': 'unknown key',
    '@timestamp': '2026-11-22T23:32:32.425000Z',
    key: 'a b',
    empty: '',
    n: 5,
  });
});

/** Held against the real server: it has quotes from what is below a hyphen, or beyond ASCII. */
test.each([
  ['http://a:1/?b=c&d', '"http://a:1/?b=c&d"'],
  ['http://a_b:1/x?b=c;d[e]{f}|g~h', 'http://a_b:1/x?b=c;d[e]{f}|g~h'],
  ['a,b', '"a,b"'],
  ['a\u001b[0m', '"a\\x1b[0m"'],
  ['é', '"é"'],
  ['-5.5', '-5.5'],
])('the value %j stands as %s', (value, shown) => {
  const printed: string[] = [];
  hostLog({ level: 'info', format: 'standard', print: (line) => printed.push(line), now: () => 0 }).write(
    'info',
    '',
    'm',
    { value },
  );
  expect(printed).toEqual([`1970-01-01T00:00:00.000Z [INFO]  m: value=${shown}`]);
});

test('single loggers print from levels of their own, and those below them', () => {
  const printed: string[] = [];
  const log = hostLog({ level: 'info', format: 'standard', print: (line) => printed.push(line), now: () => 0 });
  const levels = new LogLevels(log);
  const said = (name: string) => log.write('debug', name, 'x');
  said('core');
  levels.set('core', 'debug');
  for (const name of ['core', 'core.secrets.deletion', 'corewards', 'policy']) said(name);
  levels.set('core', 'error');
  log.write('info', 'core', 'y');
  expect([levels.of('core'), levels.of('policy')]).toEqual(['error', 'info']);
  levels.reset();
  log.write('info', 'core', 'z');
  expect(printed.map((line) => line.slice(25))).toEqual([
    '[DEBUG] core: x',
    '[DEBUG] core.secrets.deletion: x',
    '[INFO]  core: z',
  ]);
});

test('what is no text for Go stands without quotes, and in JSON as what it is', () => {
  const fields = {
    wait: shownDuration(1_500_000),
    to: shownAddress('127.0.0.1:8201'),
    nobody: new Plain(''),
    nothing: new Plain('<nil>', null),
    b: '<&>',
  };
  const printed = (format: LogForm): string[] => {
    const lines: string[] = [];
    const log = hostLog({ level: 'info', format, print: (line) => lines.push(line), now: () => 0 });
    log.write('info', 'core', 'x', fields);
    return lines;
  };
  expect(printed('standard')[0]!.slice(25)).toBe(
    '[INFO]  core: x: wait=1.5s to=127.0.0.1:8201 nobody= nothing=<nil> b="<&>"',
  );
  expect(printed('json')[0]).toBe(
    '{"@level":"info","@message":"x","@module":"core","@timestamp":"1970-01-01T00:00:00.000000Z",' +
      '"b":"\\u003c\\u0026\\u003e","nobody":"","nothing":null,"to":{"IP":"127.0.0.1","Port":8201,"Zone":""},"wait":1500000000}',
  );
});

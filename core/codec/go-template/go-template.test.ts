import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { formatGoTime } from './go-time.ts';
import { GoTemplate, GoTemplateError } from './template.ts';
import { upstreamFunctions } from './upstream-functions.ts';

interface Answer {
  readonly template: string;
  readonly text?: string;
  readonly error?: string;
}

const answers = JSON.parse(
  readFileSync(fileURLToPath(new URL('answers.golden.json', import.meta.url)), 'utf8'),
) as Answer[];

const functions = upstreamFunctions({
  random: (length) => 'x'.repeat(length),
  now: () => 1_795_820_675_510_000,
  uuid: () => '0a0b0c0d-0000-4000-8000-000000000000',
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
});

const data = {
  a: 'hello',
  t: true,
  l: ['a', 'b', 'c'],
  e: [],
  m: { k: 'v' },
  i: 3n,
  f: 1.5,
  b: false,
  requests: {},
  responses: {},
};

function answer(template: string): Answer {
  try {
    return { template, text: new GoTemplate(template, functions).run(data) };
  } catch (error) {
    if (error instanceof GoTemplateError) return { template, error: error.message };
    throw error;
  }
}

describe('Go templates', () => {
  it('say what the real server said', () => {
    expect(answers.map(({ template }) => answer(template))).toEqual(answers);
  });

  it('let nothing follow a name but what may', () => {
    expect(answer('(member={{.UserDN}').error).toContain(":1: bad character U+007D '}'");
    expect(answer('{{.a}}{{.m.k|len}}').text).toBe('hello1');
  });

  it('have the functions of the clock and of chance', () => {
    expect(new GoTemplate('{{ unix_time }} {{ unix_time_millis }} {{ random 3 }}', functions).run({})).toBe(
      '1795820675 1795820675510 xxx',
    );
    expect(formatGoTime('2006-01-02T15:04:05Z07:00 Mon Jan _2 3PM', 1_795_820_675)).toBe(
      '2026-11-27T23:04:35Z Fri Nov 27 11PM',
    );
  });

  property.prop([fc.string().filter((text) => !text.includes('{{'))])('leave plain text alone', (text) => {
    expect(new GoTemplate(text).run({})).toBe(text);
  });

  property.prop([fc.string({ maxLength: 30 })])('are refused with a text, whatever they hold', (inside) => {
    const { error, text } = answer(`{{${inside}}}`);
    expect(error === undefined ? typeof text : error.startsWith('template: ')).toSatisfy(Boolean);
  });
});

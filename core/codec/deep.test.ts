import { describe, expect, test } from 'vitest';
import { context, element } from './der.ts';
import { GoTemplate, GoTemplateError } from './go-template/template.ts';
import { GoRegexp, RegexpError } from './go-regexp.ts';
import { domainToAscii, IdnaError } from './idna.ts';
import { HclError, parseHcl } from './hcl.ts';
import { BerError, BerReader } from './ldap/ber.ts';
import { decodeFilter, parseFilter } from './ldap/filter.ts';
import { LdapError } from './ldap/result-code.ts';
import { DEEPEST } from './nesting.ts';
import { decodePem, decodePems, encodePem } from './pem.ts';
import { decodeUtf8 } from './utf8.ts';
import { parseYaml, YamlError } from './yaml.ts';

const nested = (open: string, middle: string, close: string, depth: number): string =>
  open.repeat(depth) + middle + close.repeat(depth);

describe('what nests is read to a thousand levels and refused behind them', () => {
  test.each<[string, (depth: number) => unknown, new (...words: never[]) => Error, string]>([
    ['HCL', (depth) => parseHcl(nested('a {', '', '}', depth)), HclError, 'At 1:3003: nested more than 1000 deep'],
    ['HCL as JSON', (depth) => parseHcl(nested('{"a":', '1', '}', depth + 1)), HclError, 'nested more than 1000 deep'],
    ['YAML', (depth) => parseYaml(nested('[', '', ']', depth)), YamlError, 'exceeded max depth of 1000'],
    ['YAML of lines', (depth) => parseYaml(nested('- ', 'a', '', depth)), YamlError, 'exceeded max depth of 1000'],
    [
      'an LDAP filter',
      (depth) => parseFilter(nested('(&', '', ')', depth + 1)),
      LdapError,
      'nested more than 1000 deep',
    ],
    [
      'a Go template',
      (depth) => new GoTemplate(`{{${nested('(', '1', ')', depth - 1)}}}`),
      GoTemplateError,
      'template: template:1: max expression depth exceeded',
    ],
    [
      'blocks of a Go template',
      (depth) => new GoTemplate(nested('{{if 1}}', 'x', '{{end}}', depth - 1)).run({}),
      GoTemplateError,
      'template: template:1: max expression depth exceeded',
    ],
  ])('%s', (_, read, refusal, text) => {
    expect(() => read(DEEPEST)).not.toThrow();
    for (const depth of [DEEPEST + 1, 20_000]) {
      expect(() => read(depth)).toThrow(refusal);
      expect(() => read(depth)).toThrow(text);
    }
  });

  test('a filter on the wire', () => {
    const filter = (depth: number): Uint8Array => {
      let inside = element(context(7, false), Uint8Array.of(97));
      for (let i = 0; i < depth; i++) inside = element(context(2, true), inside);
      return inside;
    };
    expect(decodeFilter(new BerReader(filter(DEEPEST))).kind).toBe('not');
    expect(() => decodeFilter(new BerReader(filter(DEEPEST + 1)))).toThrow(BerError);
  });

  test('a template that applies itself', () => {
    const own = new GoTemplate('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}');
    // What the real server says.
    expect(() => own.run({})).toThrow(
      'template: template:1:25: executing "a" at <{{template "a"}}>: exceeded maximum template depth (100000)',
    );
  });
});

/** Each took minutes, or the stack, for a megabyte. */
describe('a megabyte of one thing takes no more than its length', () => {
  const MEGABYTE = 1_000_000;

  test.each([
    '-----BEGIN -----',
    '-----BEGIN A-----\n',
    '\n-----END A-----',
    '-----BEGIN A-----\na:b\n-----END B-----\n',
  ])('PEM of %j', (line) => {
    const many = line.repeat(MEGABYTE / line.length);
    expect(decodePems(many)).toEqual([]);
    const block = encodePem('KEY', Uint8Array.of(1, 2, 3));
    expect(decodePem(`${many}\n${block}`)?.block.bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('classes of a regular expression', () => {
    for (const part of ['[[:', '[a]']) {
      expect(() => new GoRegexp(part.repeat(MEGABYTE / 3))).toThrow(RegexpError);
    }
    expect(new GoRegexp('[a]'.repeat(6_000)).test('a')).toBe(false);
  });

  test('a label of a domain', () => {
    expect(() => domainToAscii('ß'.repeat(MEGABYTE))).toThrow(IdnaError);
  });

  test('an interpolation in HCL', () => {
    const long = `\${${'x'.repeat(MEGABYTE)}}`;
    expect(parseHcl(`a = "${long}"`).items[0]!.value).toMatchObject({ value: long });
  });

  test('bytes that are no UTF-8', () => {
    expect(decodeUtf8(new Uint8Array(MEGABYTE).fill(0x80))).toBe('\ufffd'.repeat(MEGABYTE));
  });
});

describe('escapes of Go templates', () => {
  test.each(['"\\u%s00"', '"\\uD800"', '"\\U00110000"', '"\\x4g"', '"\\q"', `"\\'"`, '"\\400"', `'\\"'`])(
    'refuses %s',
    (constant) => {
      expect(() => new GoTemplate(`{{ ${constant} }}`)).toThrow('template: template:1: invalid syntax');
    },
  );

  test('a character is one', () => {
    expect(() => new GoTemplate("{{ 'ab' }}")).toThrow("template: template:1: malformed character constant: 'ab'");
    expect(new GoTemplate(`{{ '\\'' }} {{ "\\101\\x42\\u0043" }}`).run({})).toBe('39 ABC');
  });
});

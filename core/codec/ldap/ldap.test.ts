import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { encodeHex } from '../hex.ts';
import { BerError, wholeLength } from './ber.ts';
import { escapeDnValue, parseDn } from './dn.ts';
import { escapeFilter, parseFilter, type Filter } from './filter.ts';
import { parseLdif } from './ldif.ts';
import { decodeMessage, encodeMessage, type Answer, type Request } from './message.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const attribute = fc.record({ type: name, values: fc.array(bytes, { maxLength: 3 }) });
const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constantFrom('equal', 'greater', 'less', 'approximate'), attribute: name, value: bytes }),
    fc.record({ kind: fc.constant('present'), attribute: name }),
    fc.record({
      kind: fc.constant('substrings'),
      attribute: name,
      parts: fc.array(fc.record({ at: fc.constantFrom('initial', 'any', 'final'), value: bytes }), { maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('extensible'),
      attribute: name,
      rule: fc.constantFrom('', '1.2.3'),
      withDn: fc.boolean(),
      value: bytes,
    }),
    fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
  ),
})).filter;

const request = fc.oneof(
  fc.record({ kind: fc.constant('bind'), name: fc.string(), password: fc.string() }),
  fc.record({ kind: fc.constant('unbind') }),
  fc.record({
    kind: fc.constant('search'),
    base: fc.string(),
    scope: fc.constantFrom('base', 'one', 'subtree'),
    aliases: fc.constantFrom('never', 'searching', 'finding', 'always'),
    sizeLimit: fc.nat(),
    filter,
    attributes: fc.array(name, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('modify'),
    dn: fc.string(),
    changes: fc.array(
      fc.record({
        kind: fc.constantFrom('add', 'delete', 'replace'),
        type: name,
        values: fc.array(bytes, { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant('add'), dn: fc.string(), attributes: fc.array(attribute, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('delete'), dn: fc.string() }),
  fc.record({ kind: fc.constant('extended'), name: fc.constant('1.2.3'), value: bytes }),
) as fc.Arbitrary<Request>;

const answer = fc.oneof(
  fc.record({ kind: fc.constant('entry'), dn: fc.string(), attributes: fc.array(attribute, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('result'),
    to: fc.constantFrom('bind', 'search', 'modify', 'add', 'delete', 'extended'),
    code: fc.nat({ max: 90 }),
    matchedDn: fc.string(),
    message: fc.string(),
  }),
) as fc.Arbitrary<Answer>;

const control = fc.record({ type: fc.constant('1.2'), critical: fc.boolean(), value: bytes });

describe('messages of LDAP', () => {
  property.prop([fc.nat({ max: 0x7fff_ffff }), fc.oneof(request, answer), fc.array(control, { maxLength: 2 })], {
    numRuns: 150,
  })('come back as they were sent', (id, body, controls) => {
    const sent = encodeMessage({ id, body, controls });
    expect(wholeLength(sent)).toBe(sent.length);
    expect(decodeMessage(sent)).toEqual({ id, body, controls });
  });

  property.prop([bytes], { numRuns: 300 })('are refused cleanly when they are none', (input) => {
    try {
      decodeMessage(input);
    } catch (error) {
      expect(error).toBeInstanceOf(BerError);
    }
  });

  test('have the bytes of RFC 4511', () => {
    // LDAPMessage { 1, bindRequest { 3, 'cn=a', simple 'b' } } of section 4.2, worked out by hand.
    const bind = encodeMessage({ id: 1, body: { kind: 'bind', name: 'cn=a', password: 'b' }, controls: [] });
    expect(encodeHex(bind)).toBe('3011020101600c0201030404636e3d61800162');
  });
});

describe('filters', () => {
  property.prop([fc.string()], { numRuns: 200 })('hold any value that was escaped', (value) => {
    const parsed = parseFilter(`(cn=${escapeFilter(value)})`);
    expect(parsed).toEqual({ kind: 'equal', attribute: 'cn', value: encodeUtf8(value) });
  });

  // Seen on 2.6.2, as the errors of logins with such a groupfilter.
  test.each([
    ['(member=x', 'unexpected end of filter'],
    ['member=x', "filter does not start with an '('"],
    ['(cn=a)x', 'finished compiling filter with extra at end: x'],
    ['(&(cn=a)', 'unexpected end of filter'],
    ['(!)', 'finished compiling filter with extra at end: (!)'],
    ['()', 'error parsing filter'],
    ['(cn)', 'error parsing filter'],
    ['(cn>a)', 'error parsing filter'],
    ['(cn=\\zz)', "invalid characters for escape in filter: encoding/hex: invalid byte: U+007A 'z'"],
    ['(cn=\\2)', 'missing characters for escape in filter'],
    ['(&(cn=a)x)', 'finished compiling filter with extra at end: )'],
  ])('%s is refused in the words of the real server', (text, message) => {
    expect(() => parseFilter(text)).toThrow(`LDAP Result Code 201 "Filter Compile Error": ldap: ${message}`);
  });

  test('of every kind are read', () => {
    expect(parseFilter('(&(a=b*c*d)(|(e=*)(!(f>=g)))(h:dn:1.2:=i))')).toMatchObject({
      kind: 'and',
      filters: [
        { kind: 'substrings', parts: [{ at: 'initial' }, { at: 'any' }, { at: 'final' }] },
        { kind: 'or', filters: [{ kind: 'present' }, { kind: 'not', filter: { kind: 'greater' } }] },
        { kind: 'extensible', attribute: 'h', rule: '1.2', withDn: true },
      ],
    });
  });
});

describe('distinguished names', () => {
  property.prop([fc.string({ minLength: 1 })], { numRuns: 200 })('hold any value that was escaped', (value) => {
    expect(parseDn(`cn=${escapeDnValue(value)},dc=x`)).toEqual([
      { type: 'cn', value },
      { type: 'dc', value: 'x' },
    ]);
  });

  test('are told from other texts', () => {
    expect(parseDn('plain')).toBeUndefined();
    expect(parseDn('cn=\\zz')).toBeUndefined();
    expect(parseDn('')).toEqual([]);
  });
});

describe('LDIF', () => {
  // Seen on 2.6.2, as the errors of roles with such a creation_ldif.
  test.each([
    ['foo', "Error in line 2: missing 'dn:'"],
    ['dn: x', 'Error in line 2: only a dn: line'],
    ['dn: x\nfoo', 'Error in line 3: Missing : in line `foo`'],
    ['dn: cn=x\nchangetype: modrdn\nnewrdn: cn=y\n', 'Error in line 4: unsupported changetype modrdn'],
    ['version: 2\ndn: cn=x\na: b', 'Error in line 4: Invalid version spec 2'],
    ['version: x\ndn: cn=x\na: b', 'Error in line 4: strconv.Atoi: parsing "x": invalid syntax'],
    ['dn:: !!\na: b', 'Error in line 3: illegal base64 data at input byte 0'],
    ['dn: cn=x\na:: aGk', 'Error in line 3: illegal base64 data at input byte 0'],
    ['# c\n\ndn: cn=x\na:: aGk=\nb:< file:///x\n', 'Error in line 6: failed to read /x: open /x: no such file'],
    ['dn: cn=x\na:< http://x', 'Error in line 3: unsupported URL scheme http'],
    ['dn: cn=x\na:< %zz', 'Error in line 3: failed to parse URL: parse "%zz": invalid URL escape "%zz"'],
    ['dn: cn=x\nchangetype: delete\na: b\nc: d', 'Error in line 5: no attributes allowed for changetype delete'],
    ['dn: cn=x\nchangetype: modify\nadd: a\na: b', 'Error in line 5: modify request does not close with a single'],
    ['dn: cn=x\nchangetype: modify\n-\n', 'Error in line 4: empty operation'],
    ['dn: cn=x\nchangetype: modify\nfoo: a\na: b\n-\n', 'Error in line 6: invalid operation foo in modify request'],
    ['dn: cn=x\nchangetype: modify\nadd: a\nb: b\n-\n', 'Error in line 6: invalid attribute b in add request for a'],
    ['dn: cn=x\nchangetype: foo\na: b', 'Error in line 4: invalid changetype foo'],
    ['dn: cn=x\na:', 'Error in line 3: empty value'],
    ['dn: cn=x\n: b', 'Error in line 3: empty attribute name'],
    ['dn: cn=x\na b: c', 'Error in line 3: invalid character in attribute name'],
    ['dn: cn=x\n1a: c', 'Error in line 3: Invalid character in OID'],
    ['dn: cn=x\n-a: v', 'Error in line 3: invalid first character in attribute'],
    ['dn: cn=x\n a: c', 'Error in line 3: only a dn: line'],
    ['dn: a\nchangetype: modify\nadd: a\na: b\n-\n\ndn: cn=y\na: b', 'Error in line 9: modify request does not close'],
  ])('%j is refused in the words of the real server', (text, message) => {
    expect(() => parseLdif(text)).toThrow(message);
  });

  test.each([' ', '', '# only a comment'])('%j holds no record', (text) => {
    expect(parseLdif(text)).toEqual([]);
  });

  test('holds additions, changes and deletions', () => {
    const [add, modify, remove] = parseLdif(
      'dn: cn=a\nchangetype: add\nb: 1\nb: 2\nc:: aGk=\nd: long\n  line\n\n\ndn: cn=b\nchangetype: modify\nreplace: e\ne: f\n-\ndelete: g\n-\n\ndn: cn=c\r\nchangetype: delete\r\n',
    );
    const text = (values: readonly Uint8Array[]): string[] => values.map(decodeUtf8);
    expect(add?.kind === 'add' && add.attributes.map(({ type, values }) => [type, text(values)])).toEqual([
      ['b', ['1', '2']],
      ['c', ['hi']],
      ['d', ['long line']],
    ]);
    expect(modify?.kind === 'modify' && modify.changes.map(({ kind, type }) => [kind, type])).toEqual([
      ['replace', 'e'],
      ['delete', 'g'],
    ]);
    expect(remove).toEqual({ kind: 'delete', dn: 'cn=c', controls: [] });
  });

  property.prop([fc.string({ unit: fc.constantFrom(...Array.from('dn: a=\n-#<cv1+')) })], { numRuns: 300 })(
    'of any kind is read or refused',
    (text) => {
      try {
        parseLdif(text);
      } catch (error) {
        expect(error).toHaveProperty('name', 'LdifError');
      }
    },
  );
});

/** Other languages that users write: programs, templates, filters, numbers with units. */
import { readFileSync } from 'node:fs';
import { parseIp, parseCidr } from '../../../core/codec/address.ts';
import { DurationError, parseDuration } from '../../../core/codec/duration.ts';
import { GoTemplateError } from '../../../core/codec/go-template/lexer.ts';
import { GoTemplate } from '../../../core/codec/go-template/template.ts';
import { upstreamFunctions } from '../../../core/codec/go-template/upstream-functions.ts';
import { GoRegexp, RegexpError } from '../../../core/codec/go-regexp.ts';
import { parseGoUrl } from '../../../core/codec/go-url.ts';
import { domainToAscii, IdnaError } from '../../../core/codec/idna.ts';
import { JsonError, parse } from '../../../core/codec/json.ts';
import { parseDn } from '../../../core/codec/ldap/dn.ts';
import { parseFilter } from '../../../core/codec/ldap/filter.ts';
import { LdifError, parseLdif } from '../../../core/codec/ldap/ldif.ts';
import { LdapError } from '../../../core/codec/ldap/result-code.ts';
import { parseTimestamp } from '../../../core/codec/rfc3339.ts';
import { splitTemplate, TemplateError } from '../../../core/codec/template-text.ts';
import { parseXml, XmlError } from '../../../core/codec/xml.ts';
import { parseYaml, YamlError } from '../../../core/codec/yaml.ts';
import { CelEnv } from '../../../core/cel/environment.ts';
import { CelError, CelIssues } from '../../../core/cel/error.ts';
import { compile, evaluate } from '../../../core/cel/program.ts';
import type { CelValue } from '../../../core/cel/values.ts';
import { fromJson } from '../../../core/cel/values.ts';
import { ObjectError, parseRules, parseSelector } from '../../../core/framework/kubernetes/objects.ts';
import { parseQuery, parseTarget } from '../../../core/http/url.ts';
import { text, type InputReader } from './parser.ts';

const golden = (path: string): readonly Readonly<Record<string, string>>[] =>
  JSON.parse(readFileSync(new URL(`../../../core/${path}`, import.meta.url), 'utf8')) as Record<string, string>[];

const jsonNested = [
  ['[', ']'],
  ['{"a":', '}'],
  ['[{"a":', '}]'],
] as const;

const templateWords = [
  ...'{{ }} {{- -}} | if else end range with define template block . $x := ( )'.split(' '),
  ...'printf "%s" "%99999999d" random index break'.split(' '),
];

export function textReaders(): InputReader[] {
  const env = new CelEnv({
    variables: { input: 'map(string, dyn)', requests: 'map(string, dyn)', responses: 'map(string, dyn)' },
  });
  const variables = new Map<string, CelValue>([
    ['input', fromJson({ s: 'hello', i: 3, path: 't' })],
    ['requests', fromJson({ f: { r: { path: 'sys/health' } } })],
    ['responses', fromJson({})],
  ]);
  const functions = upstreamFunctions({
    random: (length) => 'x'.repeat(length),
    now: () => 1_795_820_675_510_000,
    uuid: () => '0a0b0c0d-0000-4000-8000-000000000000',
    sha256: (given) => given.slice(0, 32),
  });
  return [
    text('JSON', {
      samples: ['{"a":[1,-2.5e3,true,null,"\\u00e9\\n"],"b":{"c":{}}}', '12345678901234567890', '"\\ud83d\\ude00"'],
      words: ['"', '\\', '{', '}', '[', ']', ':', ',', 'null', '1e', '-', '\\u'],
      nested: jsonNested,
      read: parse,
      refusals: [JsonError],
    }),
    text('CEL', {
      samples: golden('cel/answers.golden.json')
        .map((answer) => answer['expression']!)
        .filter((one) => one.length < 400),
      words: `( ) [ ] { } ? : && || ! - . in map exists has size r" ''' b" 1u timestamp duration matches`.split(' '),
      nested: [
        ['(', ')'],
        ['[', ']'],
        ['!', ''],
        ['-', ''],
        ['{1:', '}'],
        ['a ? ', ' : b'],
        ['size(', ')'],
        ['1 + ', ''],
        ['a.', ''],
        ['a[', ']'],
        ['true && ', ''],
      ],
      read: (source) => evaluate(env, compile(env, source), variables),
      refusals: [CelError, CelIssues],
    }),
    text('Go template', {
      samples: golden('codec/go-template/answers.golden.json').map((answer) => answer['template']!),
      words: templateWords,
      nested: [
        ['{{if .a}}', '{{end}}'],
        ['{{(', ')}}'],
        ['(', ')'],
        ['{{', '}}'],
        ['{{define "a"}}', '{{end}}'],
        ['{{/*', '*/}}'],
      ],
      read: (source) => new GoTemplate(source, functions).run({ a: 'hello', t: true, l: ['a', 'b'], m: { k: 'v' } }),
      refusals: [GoTemplateError],
    }),
    text('directives', {
      samples: ['a/{{identity.entity.id}}/{{x}}'],
      nested: [['{{', '}}']],
      read: splitTemplate,
      refusals: [TemplateError],
    }),
    text('LDAP filter', {
      samples: [
        '(&(objectClass=person)(|(uid={{.Username}})(cn=a*b*c))(!(mail=\\28x\\29)))',
        '(cn:dn:2.5.13.2:=x)',
        '(a>=1)',
        '(a=*)',
      ],
      words: ['(', ')', '&', '|', '!', '=', '*', '\\28', ':=', '~=', '>='],
      nested: [
        ['(', ')'],
        ['(&', ')'],
        ['(!', ')'],
        ['(a=*', ')'],
      ],
      read: parseFilter,
      refusals: [LdapError],
    }),
    text('LDAP name', {
      samples: ['cn=alice,ou=people,dc=example,dc=com', 'cn=a\\,b+sn=#0401ff,dc=x', 'o="a b"', 'cn=\\c3\\a9'],
      words: ['=', ',', '+', ';', '\\', '#', '"', '\\2c'],
      read: parseDn,
      refusals: [],
    }),
    text('LDIF', {
      samples: [
        'dn: cn=a,dc=b\nchangetype: add\nobjectClass: person\nuserPassword:: cGFzcw==\n',
        'version: 1\n\ndn: cn=a\nchangetype: modify\nreplace: mail\nmail: x\n-\nadd: sn\nsn: y\n-\n',
        'dn: cn=a\nchangetype: delete\n',
      ],
      words: ['dn: ', 'changetype: ', 'modify', '-\n', '\n\n', ':: ', ':< ', ' ', 'add: '],
      read: parseLdif,
      refusals: [LdifError],
    }),
    text('YAML', {
      samples: [
        'rules:\n- apiGroups: [""]\n  resources: ["pods"]\n  verbs: [list, "get"]\n',
        'a: &x {b: 1}\nc: |\n  text\nd: >-\n  e\n',
      ],
      words: ['- ', ': ', '{', '}', '[', ']', '|', '>', '&', '*', '!', '  ', '\n'],
      nested: [
        ['[', ']'],
        ['{a: ', '}'],
        ['- ', ''],
        ['a:\n ', ''],
      ],
      read: parseYaml,
      refusals: [YamlError],
    }),
    text('Kubernetes rules', {
      samples: [
        'rules:\n- apiGroups: [""]\n  resources: ["pods"]\n  verbs: ["list"]\n',
        '{"rules":[{"verbs":["get"]}]}',
      ],
      nested: jsonNested,
      read: parseRules,
      refusals: [ObjectError],
    }),
    text('Kubernetes selector', {
      samples: [
        '{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["x"]}]}',
        'matchLabels:\n  a: b\n',
      ],
      nested: jsonNested,
      read: parseSelector,
      refusals: [ObjectError],
    }),
    text('XML', {
      samples: ['<?xml version="1.0"?><a b="c"><d>e &amp; f</d><g/><!-- h --></a>'],
      words: ['<', '>', '</', '/>', '&', '&#x', ';', '<!--', '-->', '<![CDATA[', ']]>', '<?'],
      nested: [['<a>', '</a>']],
      read: parseXml,
      refusals: [XmlError],
    }),
    text('regular expression', {
      samples: ['^[a-z]+(?:b|c)*\\d{2,3}$', '(?i)\\p{L}[[:alpha:]]', '(?P<n>x)'],
      words: '( ) [ ] { } * + ? | \\ (? (?< \\p{ [[: {1,1001} \\Q \\E $'.split(' '),
      nested: [
        ['(', ')'],
        ['(?:', ')*'],
        ['[', ']'],
      ],
      read: (pattern) => new GoRegexp(pattern),
      refusals: [RegexpError],
    }),
    text('duration', {
      samples: ['1h30m', '-1.5s', '90', '2d', '1us', '10ms'],
      words: ['h', 'm', 's', 'd', 'µs', '.', '-', '+'],
      read: parseDuration,
      refusals: [DurationError],
    }),
    text('time', {
      samples: ['2026-11-28T08:00:00Z', '2026-11-28T08:00:00.123456789+02:00'],
      words: ['-', ':', 'T', 'Z', '.'],
      read: parseTimestamp,
      refusals: [],
    }),
    text('address', {
      samples: ['10.0.0.0/8', '::1/128', '2001:db8::1', '::ffff:1.2.3.4', '127.0.0.1'],
      words: [':', '::', '.', '/', '%eth0'],
      read: (given) => [parseIp(given), parseCidr(given)],
      refusals: [],
    }),
    text('URL', {
      samples: ['https://user:pass@[::1]:8200/a/b%20c?d=e&f=%zz#g', '/v1/sys/mounts?list=true', 'http://xn--nxasmq6b/'],
      words: [':', '/', '//', '?', '#', '@', '%', '[', ']', '&', '='],
      read: (given) => [parseGoUrl(given), parseTarget(given), parseQuery(given)],
      refusals: [],
    }),
    text('domain', {
      samples: ['bücher.example', 'xn--bcher-kva.example', 'a.b.c', '例え.テスト'],
      words: ['xn--', '.', '-', '\u200d', 'ß'],
      read: domainToAscii,
      refusals: [IdnaError],
    }),
  ];
}

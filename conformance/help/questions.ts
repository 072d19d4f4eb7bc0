/** What servers are asked for help on: each path that they document, with likely and unlikely names in it. */
import type { Node } from './structure.ts';

/** What likely names are, where any word will not do. */
const UUID = '0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f';
const LIKELY: Readonly<Record<string, string>> = {
  auth_id: UUID,
  key_id: UUID,
  kid: UUID,
  method_id: UUID,
  order_id: UUID,
  serial: '0a-0b',
  type: 'auth',
  urlbytes: '3',
};

/** As they stand in a request's line. They are at the edges of what upstream's expressions take for a name. */
const UNLIKELY: readonly string[] = [
  '',
  ...'_ 1 0g 0A:1b a A.b a- -a .a a. a..b a@b @a a~ a* a$ a(b) a:b a,b a;b a=b a+b %2B a%20b %20a%20'.split(' '),
  ...'%C3%A4 %C3%84 a%E2%80%A8b a%0Ab a%0Db a%3Fb a%2Fb a/b a/ a/b/ a//b a// %2E%2E a%2F%2E%2E%2Fb a%25b'.split(' '),
  ...'auth config default DEFAULT Default der internal pem raw root tune a/tune a/raw unlock a/unlock/b'.split(' '),
  UUID,
  UUID.toUpperCase(),
  UUID.slice(1),
  `${UUID}/a`,
];

/** With likely names, but for one. */
const filled = (template: string, other?: string, value = ''): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => (name === other ? value : (LIKELY[name] ?? 'a')));

export const likely = (template: string): string => filled(template);

/** With each of its names likely, and then with one after the other unlikely. */
export function spelled(template: string): string[] {
  const whole = likely(template);
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const around = ['', '/', '//', '/a', 'x'].map((end) => whole + end);
  return [
    ...around,
    whole.slice(0, -1),
    whole.toUpperCase(),
    ...names.flatMap((name) => UNLIKELY.map((value) => filled(template, name, value))),
  ];
}

/** The paths of a mount, by the help on it: those that OpenAPI has, and routes that are paths as they are. */
export function templatesOf(mount: string, root: { readonly help: string; readonly openapi: Node }): string[] {
  const documented = Object.keys(root.openapi['paths'] as Node);
  const routes = [...root.help.matchAll(/^ {4}\^([\w/-]+?)(?:\/\?)?\$$/gm)].map(([, route]) => `/${route!}`);
  return [...new Set([...documented, ...routes])].map((path) => mount + path);
}

/** What answers to `?help=1` and OpenAPI documents have beside their sentences, which are our own. */

export type Node = { readonly [key: string]: unknown };

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A sentence is a description that is a text: fields may be called so too. */
const isSentence = (key: string, value: unknown): boolean =>
  (key === 'description' || key === 'summary') && (value === undefined || typeof value === 'string');

/** A document without its sentences, in the order in which it came. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isNode(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !isSentence(key, inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, plain(inner)]));
}

/** Where two documents differ, be it in the order of keys: the innermost places. Lists are compared as a whole. */
export function* differences(real: Node, ours: Node, at = ''): Generator<string> {
  const [keys, others] = [real, ours].map((node) =>
    Object.keys(node).filter(
      (key) => !isSentence(key, node[key]) && Object.hasOwn(real, key) === Object.hasOwn(ours, key),
    ),
  );
  if (keys!.join('\n') !== others!.join('\n')) yield `${at} (order)`;
  for (const key of new Set([...Object.keys(real), ...Object.keys(ours)])) {
    const [one, other] = [real[key], ours[key]];
    if (isSentence(key, one) && isSentence(key, other)) continue;
    const place = at === '' ? key : `${at}.${key}`;
    if (isNode(one) && isNode(other)) yield* differences(one, other, place);
    else if (JSON.stringify(plain(one)) !== JSON.stringify(plain(other))) yield place;
  }
}

/** What can be listed and scanned is told as either, as the order of a Go map has it: as listed here. */
export function asListed(paths: Node): Node {
  const told = (path: unknown): unknown => {
    const get = isNode(path) ? path['get'] : undefined;
    const parameters = isNode(get) && Array.isArray(get['parameters']) ? (get['parameters'] as readonly Node[]) : [];
    if (!['list', 'scan'].every((way) => parameters.some(({ name }) => name === way))) return path;
    const text = JSON.stringify(get).replaceAll('scan', 'list').replaceAll('Scan', 'List');
    return { ...(path as Node), get: JSON.parse(text) as Node };
  };
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, told(path)]));
}

/** The lines of a help text that are no sentences: what was asked, routes, headings, parameters with their types. */
export function frameOf(help: string): string[] {
  const isEntry = help.startsWith('Request:') ? /^ {4}\S+ \([a-z0-9 ()]+\)$/ : /^ {4}\^.*\$$/;
  return help
    .split('\n')
    .filter((line) => /^(Request:|Matching Route:|## )/.test(line) || isEntry.test(line))
    .map((line) => line.trim());
}

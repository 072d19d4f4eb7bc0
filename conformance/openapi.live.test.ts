/** Ours says of itself in OpenAPI what the real server says of itself, but for sentences. */
import { expect, test } from 'vitest';
import { askDocument } from './operations.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';

/** A path without operations, which stands for what the engine cannot be asked. */
const OPEN = ['paths./kv-v2/^.*$'];

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A sentence is a description that is a text: fields may be called so too. */
const isSentence = (key: string, value: unknown): boolean =>
  (key === 'description' || key === 'summary') && (value === undefined || typeof value === 'string');

/** Where two documents differ: the innermost places. Lists are compared as a whole. */
function* differences(real: Node, ours: Node, at: string): Generator<string> {
  for (const key of new Set([...Object.keys(real), ...Object.keys(ours)])) {
    const [one, other] = [real[key], ours[key]];
    if (isSentence(key, one) && isSentence(key, other)) continue;
    const place = at === '' ? key : `${at}.${key}`;
    if (isNode(one) && isNode(other)) yield* differences(one, other, place);
    else if (canonical(one) !== canonical(other)) yield place;
  }
}

const canonical = (value: unknown): string => JSON.stringify(plain(value)) ?? 'nothing';

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isNode(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !isSentence(key, inner));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, plain(inner)]));
}

/** What can be listed and scanned is told as either, as the order of a Go map has it: as listed here. */
function asListed(paths: Node): Node {
  const told = (path: unknown): unknown => {
    const get = isNode(path) ? path['get'] : undefined;
    const parameters = isNode(get) && Array.isArray(get['parameters']) ? (get['parameters'] as readonly Node[]) : [];
    if (!['list', 'scan'].every((way) => parameters.some(({ name }) => name === way))) return path;
    const text = JSON.stringify(get).replaceAll('scan', 'list').replaceAll('Scan', 'List');
    return { ...(path as Node), get: JSON.parse(text) as Node };
  };
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, told(path)]));
}

test('the OpenAPI document has the operations, responses, parameters and schemas of 2.7.2', async () => {
  const [real, ours] = [await askDocument(await realProgram('2.7.2')), await askDocument(oursInProcess())];
  // Ours has engines that 2.7.2 has no more: only what both could have is compared.
  const shared = Object.fromEntries(Object.entries(ours.paths).filter(([path]) => Object.hasOwn(real.paths, path)));
  const schemas = Object.fromEntries(
    Object.entries(ours.components?.schemas ?? {}).filter(([name]) =>
      Object.hasOwn(real.components?.schemas ?? {}, name),
    ),
  );
  const found = [
    ...differences(asListed(real.paths), asListed(shared), 'paths'),
    ...differences(real.components?.schemas ?? {}, schemas, 'components.schemas'),
  ];
  expect(found.sort()).toEqual(OPEN);
});

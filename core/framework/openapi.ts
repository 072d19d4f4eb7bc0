/** OpenAPI 3 fragments derived from declarations, with operation ids named as upstream names them. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, sortedKeys } from '../codec/json.ts';
import type { Engine, OperationId, OperationIds, OperationSpec, Path } from './engine.ts';
import type { ApiDocument, ApiItem, BackendContext } from './logical.ts';
import { compareText } from '../codec/bytes.ts';
import { displayOf, listParameter, mustBeSet, parameter, schemaOf, squeeze, struct } from './openapi-fields.ts';
import { expandPattern } from './openapi-paths.ts';
import type { Responses, StatusResponses } from './openapi-responses.ts';
import { describeResponses } from './openapi-responses.ts';
import { pathMatcher, type PathMatcher } from './path-matcher.ts';
import { specialPaths } from './special-paths.ts';

/** The document of a whole mount; paths relative to it, with a leading '/'. */
export function describeBackend<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  version: string,
  mounted: string,
): ApiDocument {
  return describe(engine, engine.paths, version, engine.spec.idPrefix, mounted);
}

/** What help on the mount has of it. */
export function describeForHelp<S, P, C extends BackendContext>(engine: Engine<S, P, C>, version: string): ApiDocument {
  return describe(engine, engine.paths, version, helpPrefix(engine));
}

const helpPrefix = <S, P, C extends BackendContext>({ spec }: Engine<S, P, C>): string | undefined =>
  spec.idPrefixInHelp === false ? undefined : spec.idPrefix;

export function describePath<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  path: Path,
  version: string,
): ApiDocument {
  return describe(engine, [path], version, helpPrefix(engine));
}

function describe<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  declared: readonly Path[],
  version: string,
  idPrefix: string | undefined,
  mounted?: string,
): ApiDocument {
  const paths: Record<string, ApiItem> = {};
  const schemas = emptyObject();
  const { operationIds, responses } = engine.spec;
  const special = specialPaths(engine.paths, engine.spec.special);
  const mount = {
    idPrefix,
    mounted,
    operationIds,
    responses,
    tags: tagsOf(engine.spec),
    root: pathMatcher(special.root),
    unauthenticated: pathMatcher(special.unauthenticated),
  };
  for (const path of declared) {
    expandPattern(path.pattern.source).forEach((text, permutation) => {
      const item = describeItem(mount, path, text, permutation, schemas);
      paths[`/${text}`] = item;
    });
  }
  const info = struct({
    title: 'OpenBao API',
    description: 'HTTP API that gives you full access to OpenBao. All API routes are prefixed with `/v1/`.',
    version,
    license: struct({ name: 'Mozilla Public License 2.0', url: 'https://www.mozilla.org/en-US/MPL/2.0' }),
  });
  return { info, paths: new Map(sortedKeys(paths).map((key) => [key, paths[key]!])), schemas };
}

/** A document as it is printed. */
export const printable = ({ info, paths, schemas }: ApiDocument): JsonValue =>
  struct({ openapi: '3.0.2', info, paths, components: { schemas } });

type AnyOperation = OperationSpec<JsonObject, unknown>;

/** What is said of an operation, and what its schemas are named after: 'ReadRole'. */
interface Described {
  readonly name: string;
  readonly described: Readonly<Record<string, JsonValue | undefined>>;
}

/** What an operation answers of which nothing is declared, where that is not 200. */
const UNDECLARED: Readonly<Record<string, StatusResponses>> = { delete: { 204: '"empty body"' } };

/** What the operations of a mount have in common. */
interface Mount {
  readonly idPrefix: string | undefined;
  /** The type of the mount, which may be one of several names of the engine; help does not know it. */
  readonly mounted: string | undefined;
  readonly operationIds: OperationIds | undefined;
  readonly responses: Responses | undefined;
  readonly tags: readonly string[];
  readonly root: PathMatcher;
  readonly unauthenticated: PathMatcher;
}

const tagsOf = ({ class: kind, untagged }: { readonly class?: string; readonly untagged?: true }): string[] =>
  kind === 'system' || untagged === true ? [] : [kind === 'auth' ? 'auth' : 'secrets'];

function describeItem(
  { idPrefix, mounted, operationIds, responses, tags, root, unauthenticated }: Mount,
  path: Path,
  text: string,
  permutation: number,
  schemas: JsonObject,
): ApiItem {
  const inPath = new Set([...text.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!));
  const { operations, options } = path;
  const prefix = options.id?.byMount === true ? mounted : idPrefix;
  const known = own(operationIds, `/${text}`);
  const answers = own(responses, `/${text}`);
  const operation = (method: string, verb: string, spec: AnyOperation, query: readonly JsonValue[] = []): Described => {
    const named = { ...(prefix === undefined ? {} : { prefix }), ...options.id, ...spec.id };
    const id = known[method] ?? operationId(named, verb, text, permutation);
    const name = id.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
    const described = {
      summary: spec.about,
      operationId: id,
      tags: tags.length === 0 ? undefined : tags,
      parameters: query.length === 0 ? undefined : query,
      requestBody: undefined,
      responses: describeResponses(answers[method] ?? UNDECLARED[method] ?? { 200: '' }, name, schemas),
      deprecated: spec.deprecated,
    };
    return { name, described };
  };
  const inQuery = path.names.filter((name, index) => path.fields[index]!.options.query === true && !inPath.has(name));
  const parameters = [...inPath, ...inQuery]
    .sort(compareText)
    .map((name) => parameter(path, name, inPath.has(name) ? 'path' : 'query'));
  const shown = (name: string): AnyOperation | undefined => {
    const spec = operations.get(name);
    return spec?.unpublished === true ? undefined : spec;
  };
  const item: Record<string, JsonValue | undefined> = {
    description: squeeze(path.about) || undefined,
    parameters: parameters.length === 0 ? undefined : parameters,
    'x-vault-sudo': root.has(text) && options.sudoUndocumented !== true ? true : undefined,
    'x-vault-unauthenticated': unauthenticated.has(text) ? true : undefined,
    'x-vault-createSupported': shown('create') ? true : undefined,
    'x-vault-displayAttrs': displayOf(options.display),
    deprecated: options.deprecated,
  };
  const read = shown('read');
  const list = shown('list');
  const scan = shown('scan');
  const get = read ?? list ?? scan;
  if (get !== undefined) {
    const verb = get === read ? 'read' : scan === undefined ? 'list' : 'scan';
    const optional = read !== undefined;
    const query: JsonValue[] = [];
    if (list !== undefined) {
      query.push(
        listParameter(
          'list',
          optional ? 'Return a list if `true`' : mustBeSet(scan === undefined ? undefined : 'scan'),
          optional,
        ),
      );
    }
    if (scan !== undefined) {
      const about = optional ? 'Return a recursive list if `true`' : mustBeSet(list === undefined ? undefined : 'list');
      query.push(listParameter('scan', about, optional));
    }
    item['get'] = struct(operation('get', verb, get, query).described);
  }
  const write = shown('update') ?? shown('create');
  if (write !== undefined) item['post'] = withBody(path, inPath, operation('post', 'write', write), schemas);
  const patch = shown('patch');
  if (patch !== undefined) item['patch'] = withBody(path, inPath, operation('patch', 'patch', patch), schemas);
  const remove = shown('delete');
  if (remove !== undefined) item['delete'] = struct(operation('delete', 'delete', remove).described);
  if (answers['unnamed'] !== undefined) describeResponses(answers['unnamed'], '', schemas);
  return struct(item);
}

function withBody(
  path: Path,
  inPath: ReadonlySet<string>,
  { name: operation, described }: Described,
  schemas: JsonObject,
): JsonValue {
  const properties = emptyObject();
  const required: string[] = [];
  path.names.forEach((name, i) => {
    const field = path.fields[i]!;
    if (inPath.has(name) || field.options.query === true || field.options.unlisted === true) return;
    properties[name] = schemaOf(field);
    if (field.options.required === true || field.options.documentedRequired === true) required.push(name);
  });
  if (Object.keys(properties).length === 0) return struct(described);
  const name = `${operation}Request`;
  schemas[name] = struct({
    type: 'object',
    properties,
    required: required.length > 0 ? required.sort() : undefined,
  });
  const schema = { $ref: `#/components/schemas/${name}` };
  const requestBody = struct({ required: true, content: { 'application/json': { schema } } });
  return struct({ ...described, requestBody });
}

/** What is said of a path, by method; nothing by default. */
const own = <T>(table: Readonly<Record<string, Readonly<Record<string, T>>>> | undefined, path: string) =>
  (table !== undefined && Object.hasOwn(table, path) ? table[path]! : {}) as Readonly<Record<string, T | undefined>>;

function operationId(id: OperationId, verb: string, text: string, permutation: number): string {
  const suffixes = id.suffix?.split('|');
  const suffix =
    suffixes === undefined
      ? text.replace(/[{}]/g, '').split(/\W+/).filter(Boolean).join('-').toLowerCase()
      : (suffixes[Math.min(permutation, suffixes.length - 1)] ?? '');
  return [id.prefix, id.verb ?? verb, id.suffix === undefined && id.verb !== undefined ? '' : suffix]
    .filter(Boolean)
    .join('-');
}

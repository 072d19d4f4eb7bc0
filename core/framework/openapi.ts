/** OpenAPI 3 fragments derived from declarations, with operation ids named as upstream names them. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, jsonObject, sortedKeys } from '../codec/json.ts';
import type { Engine, OperationId, OperationIds, OperationSpec, Path } from './engine.ts';
import type { Field } from './field.ts';
import type { BackendContext } from './logical.ts';
import { compareText } from '../codec/bytes.ts';
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
): JsonObject {
  return describe(engine, engine.paths, version, engine.spec.idPrefix, mounted);
}

/** What help on the mount has of it. */
export function describeForHelp<S, P, C extends BackendContext>(engine: Engine<S, P, C>, version: string): JsonObject {
  return describe(engine, engine.paths, version, helpPrefix(engine));
}

const helpPrefix = <S, P, C extends BackendContext>({ spec }: Engine<S, P, C>): string | undefined =>
  spec.idPrefixInHelp === false ? undefined : spec.idPrefix;

export function describePath<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  path: Path,
  version: string,
): JsonObject {
  return describe(engine, [path], version, helpPrefix(engine));
}

function describe<S, P, C extends BackendContext>(
  engine: Engine<S, P, C>,
  declared: readonly Path[],
  version: string,
  idPrefix: string | undefined,
  mounted?: string,
): JsonObject {
  const paths = emptyObject();
  const schemas = emptyObject();
  const { operationIds, responses } = engine.spec;
  const special = specialPaths(engine.paths, engine.spec.special);
  const mount = {
    idPrefix,
    mounted: mounted ?? idPrefix,
    operationIds,
    responses,
    tags: tagsOf(engine.spec.class),
    root: pathMatcher(special.root),
    unauthenticated: pathMatcher(special.unauthenticated),
  };
  for (const path of declared) {
    expandPattern(path.pattern.source).forEach((text, permutation) => {
      const item = describeItem(mount, path, text, permutation, schemas);
      if (item !== undefined) paths[`/${text}`] = item;
    });
  }
  const sorted = new Map<string, JsonValue>(sortedKeys(paths).map((key) => [key, paths[key]!]));
  return {
    openapi: '3.0.2',
    info: {
      title: 'OpenBao API',
      description: 'HTTP API that gives you full access to OpenBao. All API routes are prefixed with `/v1/`.',
      version,
      license: { name: 'Mozilla Public License 2.0', url: 'https://www.mozilla.org/en-US/MPL/2.0' },
    },
    paths: sorted,
    components: { schemas },
  };
}

type AnyOperation = OperationSpec<JsonObject, unknown>;

/** What is said of an operation, and what its schemas are named after: 'ReadRole'. */
interface Described {
  readonly name: string;
  readonly described: JsonObject;
}

/** What an operation answers of which nothing is declared, where that is not 200. */
const UNDECLARED: Readonly<Record<string, StatusResponses>> = { delete: { 204: '"empty body"' } };

/** What the operations of a mount have in common. */
interface Mount {
  readonly idPrefix: string | undefined;
  /** The type of the mount, which may be one of several names of the engine. */
  readonly mounted: string | undefined;
  readonly operationIds: OperationIds | undefined;
  readonly responses: Responses | undefined;
  readonly tags: readonly string[];
  readonly root: PathMatcher;
  readonly unauthenticated: PathMatcher;
}

const tagsOf = (kind: string | undefined): string[] =>
  kind === 'system' ? [] : [kind === 'auth' ? 'auth' : 'secrets'];

function describeItem(
  { idPrefix, mounted, operationIds, responses, tags, root, unauthenticated }: Mount,
  path: Path,
  text: string,
  permutation: number,
  schemas: JsonObject,
): JsonObject | undefined {
  const inPath = new Set([...text.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!));
  const { operations, options } = path;
  const prefix = options.id?.byMount === true ? mounted : idPrefix;
  const known = own(operationIds, `/${text}`);
  const answers = own(responses, `/${text}`);
  const operation = (method: string, verb: string, spec: AnyOperation, query: readonly JsonValue[] = []): Described => {
    const named = { ...(prefix === undefined ? {} : { prefix }), ...options.id, ...spec.id };
    const id = known[method] ?? operationId(named, verb, text, permutation);
    const name = id.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
    const described = jsonObject({
      summary: spec.about,
      operationId: id,
      tags: tags.length === 0 ? undefined : tags,
      deprecated: spec.deprecated,
      parameters: query.length === 0 ? undefined : query,
      responses: describeResponses(answers[method] ?? UNDECLARED[method] ?? { 200: '' }, name, schemas),
    });
    return { name, described };
  };
  const inQuery = path.names.filter((name, index) => path.fields[index]!.options.query === true && !inPath.has(name));
  const parameters = [...inPath, ...inQuery]
    .sort(compareText)
    .map((name) => parameter(path, name, inPath.has(name) ? 'path' : 'query'));
  const item: Record<string, JsonValue | undefined> = {
    description: squeeze(path.about) || undefined,
    parameters: parameters.length === 0 ? undefined : parameters,
    'x-vault-sudo': root.has(text) && options.sudoUndocumented !== true ? true : undefined,
    'x-vault-unauthenticated': unauthenticated.has(text) ? true : undefined,
    'x-vault-createSupported': operations.has('create') ? true : undefined,
    'x-vault-displayAttrs': options.display,
    deprecated: options.deprecated,
  };
  const shown = (name: string): AnyOperation | undefined => {
    const spec = operations.get(name);
    return spec?.unpublished === true ? undefined : spec;
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
    item['get'] = operation('get', verb, get, query).described;
  }
  const write = shown('update') ?? shown('create');
  if (write !== undefined) item['post'] = withBody(path, inPath, operation('post', 'write', write), schemas);
  const patch = shown('patch');
  if (patch !== undefined) item['patch'] = withBody(path, inPath, operation('patch', 'patch', patch), schemas);
  const remove = shown('delete');
  if (remove !== undefined) item['delete'] = operation('delete', 'delete', remove).described;
  if (answers['unnamed'] !== undefined) describeResponses(answers['unnamed'], '', schemas);
  return (get ?? write ?? patch ?? remove) ? jsonObject(item) : undefined;
}

function withBody(
  path: Path,
  inPath: ReadonlySet<string>,
  { name: operation, described }: Described,
  schemas: JsonObject,
): JsonObject {
  const properties = emptyObject();
  const required: string[] = [];
  path.names.forEach((name, i) => {
    const field = path.fields[i]!;
    if (inPath.has(name) || field.options.query === true || field.options.unlisted === true) return;
    properties[name] = schemaOf(field);
    if (field.options.required === true || field.options.documentedRequired === true) required.push(name);
  });
  if (Object.keys(properties).length === 0) return described;
  const name = `${operation}Request`;
  schemas[name] = jsonObject({
    type: 'object',
    properties,
    required: required.length > 0 ? required.sort() : undefined,
  });
  const reference = { $ref: `#/components/schemas/${name}` };
  described['requestBody'] = { required: true, content: { 'application/json': { schema: reference } } };
  return described;
}

const mustBeSet = (other: string | undefined): string =>
  other === undefined
    ? 'Must be set to `true`'
    : `Must be set to \`true\` or else \`${other}\` must be set to \`true\``;

const listParameter = (name: string, description: string, optional: boolean): JsonObject =>
  optional
    ? { name, description, in: 'query', schema: { type: 'string' } }
    : { name, description, in: 'query', schema: { type: 'string', enum: ['true'] }, required: true };

function parameter(path: Path, name: string, place: 'path' | 'query'): JsonObject {
  const field = path.fields[path.index.get(name) ?? -1];
  return jsonObject({
    name,
    description: field && aboutOf(field),
    in: place,
    schema: field === undefined ? { type: 'string' } : parameterSchema(field),
    required: place === 'path' ? true : undefined,
  });
}

const aboutOf = (field: Field<unknown>): string | undefined => squeeze(field.about) || undefined;

const parameterSchema = (field: Field<unknown>): JsonObject =>
  jsonObject({ type: typeOf(field).type, default: defaultOf(field), enum: field.options.allowed });

function schemaOf(field: Field<unknown>): JsonObject {
  const { options } = field;
  const { type, format } = typeOf(field);
  return jsonObject({
    type,
    description: aboutOf(field),
    format,
    items: type === 'array' ? { type: options.items ?? 'string' } : undefined,
    default: defaultOf(field),
    enum: options.allowed,
    deprecated: options.deprecated,
    'x-vault-displayAttrs': options.display,
  });
}

const defaultOf = ({ options: { documented, default: used } }: Field<unknown>): JsonValue | undefined =>
  documented === null ? undefined : ((documented ?? used) as JsonValue | undefined);

function typeOf(field: Field<unknown>): { type: string; format?: string } {
  switch (field.kind) {
    case 'lowercase string':
      return { type: 'string', format: 'lowercase' };
    case 'int':
      return { type: 'integer' };
    case 'int64':
      return { type: 'integer', format: 'int64' };
    case 'float':
      return { type: 'number', format: 'float' };
    case 'bool':
      return { type: 'boolean' };
    case 'map':
      return { type: 'object', format: 'map' };
    case 'keypair':
      return { type: 'object', format: 'kvpairs' };
    case 'header':
      return { type: 'object' };
    case 'slice':
      return { type: 'array' };
    case 'duration (sec)':
      return { type: 'integer', format: 'seconds' };
    case 'time':
      return { type: 'string', format: 'date-time' };
    default:
      return { type: 'string' };
  }
}

/** What is said of a path, by method; nothing by default. */
const own = <T>(table: Readonly<Record<string, Readonly<Record<string, T>>>> | undefined, path: string) =>
  (table !== undefined && Object.hasOwn(table, path) ? table[path]! : {}) as Readonly<Record<string, T | undefined>>;

/** One line: OpenAPI has no use for the line breaks of help texts. */
const squeeze = (text: string): string => text.trim().replace(/\s+/g, ' ');

function operationId(id: OperationId, verb: string, text: string, permutation: number): string {
  const suffixes = id.suffix?.split('|');
  const suffix =
    suffixes === undefined
      ? text
          .replace(/[{}]/g, '')
          .split(/[^a-zA-Z0-9]+/)
          .filter(Boolean)
          .join('-')
          .toLowerCase()
      : (suffixes[Math.min(permutation, suffixes.length - 1)] ?? '');
  return [id.prefix, id.verb ?? verb, id.suffix === undefined && id.verb !== undefined ? '' : suffix]
    .filter(Boolean)
    .join('-');
}

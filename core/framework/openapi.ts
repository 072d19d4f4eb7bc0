/** OpenAPI 3 fragments derived from declarations, with operation ids named as upstream names them. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, jsonObject, sortedKeys } from '../codec/json.ts';
import type { Engine, OperationId, OperationIds, OperationSpec, Path } from './engine.ts';
import type { Field } from './field.ts';
import type { BackendContext } from './logical.ts';
import { expandPattern } from './openapi-paths.ts';

/** The document of a whole mount; paths relative to it, with a leading '/'. */
export function describeBackend<S, P, C extends BackendContext>(engine: Engine<S, P, C>, version: string): JsonObject {
  return describe(engine, engine.paths, version, engine.spec.idPrefix);
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
): JsonObject {
  const paths = emptyObject();
  const schemas = emptyObject();
  const tags = engine.spec.class === 'system' ? [] : [engine.spec.class === 'auth' ? 'auth' : 'secrets'];
  for (const path of declared) {
    expandPattern(path.pattern.source).forEach((text, permutation) => {
      const item = describeItem(
        { idPrefix, operationIds: engine.spec.operationIds },
        path,
        text,
        permutation,
        tags,
        schemas,
      );
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

function describeItem(
  {
    idPrefix: prefix,
    operationIds,
  }: { readonly idPrefix: string | undefined; readonly operationIds: OperationIds | undefined },
  path: Path,
  text: string,
  permutation: number,
  tags: readonly string[],
  schemas: JsonObject,
): JsonObject | undefined {
  const inPath = new Set([...text.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!));
  const { operations, options } = path;
  const known = operationIds !== undefined && Object.hasOwn(operationIds, `/${text}`) ? operationIds[`/${text}`] : {};
  const nameOf = (method: string, verb: string, spec: AnyOperation): string =>
    known?.[method] ??
    operationId({ ...(prefix === undefined ? {} : { prefix }), ...options.id, ...spec.id }, verb, text, permutation);
  const item: Record<string, JsonValue | undefined> = {
    description: squeeze(path.about) || undefined,
    parameters: inPath.size === 0 ? undefined : [...inPath].sort().map((name) => pathParameter(path, name)),
    'x-vault-sudo': options.sudo === undefined ? undefined : true,
    'x-vault-unauthenticated': options.unauthenticated === undefined ? undefined : true,
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
    item['get'] = operation(get, nameOf('get', verb, get), tags, '200', query);
  }
  const write = shown('update') ?? shown('create');
  if (write !== undefined) item['post'] = withBody(path, inPath, write, nameOf('post', 'write', write), tags, schemas);
  const patch = shown('patch');
  if (patch !== undefined)
    item['patch'] = withBody(path, inPath, patch, nameOf('patch', 'patch', patch), tags, schemas);
  const remove = shown('delete');
  if (remove !== undefined) item['delete'] = operation(remove, nameOf('delete', 'delete', remove), tags, '204', []);
  return (get ?? write ?? patch ?? remove) ? jsonObject(item) : undefined;
}

function operation(
  spec: AnyOperation,
  id: string,
  tags: readonly string[],
  status: string,
  query: JsonValue[],
): JsonObject {
  return jsonObject({
    summary: spec.about,
    operationId: id,
    tags: tags.length === 0 ? undefined : tags,
    deprecated: spec.deprecated,
    parameters: query.length === 0 ? undefined : query,
    responses: { [status]: { description: status === '204' ? 'empty body' : 'OK' } },
  });
}

function withBody(
  path: Path,
  inPath: ReadonlySet<string>,
  spec: AnyOperation,
  id: string,
  tags: readonly string[],
  schemas: JsonObject,
): JsonObject {
  const described = operation(spec, id, tags, '200', []);
  const properties = emptyObject();
  const required: string[] = [];
  path.names.forEach((name, i) => {
    const field = path.fields[i]!;
    if (inPath.has(name) || field.options.query === true) return;
    properties[name] = schemaOf(field);
    if (field.options.required === true) required.push(name);
  });
  if (Object.keys(properties).length === 0) return described;
  const name = `${id.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())}Request`;
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

function pathParameter(path: Path, name: string): JsonObject {
  const field = path.fields[path.index.get(name) ?? -1];
  return jsonObject({
    name,
    description: field === undefined ? undefined : squeeze(field.about) || undefined,
    in: 'path',
    schema: { type: field === undefined ? 'string' : typeOf(field).type },
    required: true,
  });
}

function schemaOf(field: Field<unknown>): JsonObject {
  const { options } = field;
  const { type, format } = typeOf(field);
  return jsonObject({
    type,
    description: squeeze(field.about) || undefined,
    format,
    items: type === 'array' ? { type: options.items ?? 'string' } : undefined,
    default: (options.documented ?? options.default) as JsonValue | undefined,
    enum: options.allowed,
    deprecated: options.deprecated,
    'x-vault-displayAttrs': options.display,
  });
}

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

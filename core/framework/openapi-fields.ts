/** What OpenAPI says of one field: as a parameter, or as a property of a body. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { Path } from './engine.ts';
import type { Field } from './field.ts';

/** Keys in this order, without those that are undefined: where upstream prints a struct. */
export const struct = (fields: Readonly<Record<string, JsonValue | undefined>>): ReadonlyMap<string, JsonValue> =>
  new Map(Object.entries(fields).filter((field): field is [string, JsonValue] => field[1] !== undefined));

/** What is said of `list` or `scan` where one of them has to be there. */
export const mustBeSet = (other: string | undefined): string =>
  other === undefined
    ? 'Must be set to `true`'
    : `Must be set to \`true\` or else \`${other}\` must be set to \`true\``;

export const listParameter = (name: string, description: string, optional: boolean): JsonValue =>
  struct({
    name,
    description,
    in: 'query',
    schema: struct({ type: 'string', enum: optional ? undefined : ['true'] }),
    required: optional ? undefined : true,
  });

export function parameter(path: Path, name: string, place: 'path' | 'query'): JsonValue {
  const field = path.fields[path.index.get(name) ?? -1];
  return struct({
    name,
    description: field && aboutOf(field),
    in: place,
    schema: field === undefined ? { type: 'string' } : parameterSchema(field),
    required: place === 'path' ? true : undefined,
  });
}

const aboutOf = (field: Field<unknown>): string | undefined => squeeze(field.about) || undefined;

const parameterSchema = (field: Field<unknown>): JsonValue =>
  struct({ type: typeOf(field).type, enum: field.options.allowed, default: defaultOf(field) });

export function schemaOf(field: Field<unknown>): JsonValue {
  const { options } = field;
  const { type, format } = typeOf(field);
  return struct({
    type,
    description: aboutOf(field),
    format,
    items: type === 'array' ? { type: options.items ?? 'string' } : undefined,
    enum: options.allowed,
    default: defaultOf(field),
    deprecated: options.deprecated,
    'x-vault-displayAttrs': displayOf(options.display),
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

const HINTS = [
  'name',
  'description',
  'value',
  'sensitive',
  'navigation',
  'itemType',
  'group',
  'action',
  'operationPrefix',
  'operationVerb',
  'operationSuffix',
  'editType',
];

/** Hints for user interfaces, in their order. */
export const displayOf = (display: JsonObject | undefined): JsonValue | undefined =>
  display && struct(Object.fromEntries(HINTS.map((hint) => [hint, display[hint]])));

/** One line: OpenAPI has no use for the line breaks of help texts. */
export const squeeze = (text: string): string => text.trim().replace(/\s+/g, ' ');

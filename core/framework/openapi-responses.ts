/** What operations answer, as OpenAPI says it: read from the short form in which engines declare it. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, parse } from '../codec/json.ts';
import { assert } from '../assert.ts';
import { struct } from './openapi-fields.ts';

/**
 * By status, `"text" Name { field: type; other: type }`. All parts may be left out: the text is the status' own, the
 * name that of the operation, and without fields there is no body. A type is like `string`, `string[]` (a list) or
 * `integer(seconds)` (with a format), and may be followed by `deprecated`, `in ["one","of"]` and `= "default"`, in this
 * order.
 */
export type StatusResponses = Readonly<Record<number, string>>;

/**
 * By the OpenAPI path, with a leading '/', and the method in lower case. `unnamed` are schemas that upstream has and no
 * operation names: of listings whose place a scan took, of the role that a login would have.
 */
export type Responses = Readonly<Record<string, Readonly<Record<string, StatusResponses>>>>;

const TEXTS: Readonly<Record<string, string>> = {
  200: 'OK',
  202: 'Accepted',
  204: 'No Content',
  304: 'Not Modified',
};

const FORM = /^(?:"(?<text>[^"]*)")? ?(?<name>\w+)? ?(?:\{(?<fields>.*)\})?$/;
const TYPE =
  /^(?<type>[a-z]+)(?<list>\[\])?(?:\((?<format>[\w-]+)\))?(?<deprecated> deprecated)?(?: in (?<allowed>\[.*?\]))?(?: = (?<fallback>.*))?$/;

/** The `responses` of one operation; the schemas of bodies are put into `schemas`, by the operation's name if without one. */
export function describeResponses(declared: StatusResponses, operation: string, schemas: JsonObject): JsonObject {
  const responses = emptyObject();
  for (const [status, form] of Object.entries(declared)) {
    const parts = FORM.exec(form)?.groups;
    assert(parts !== undefined, `the response is written in the form that is read here: ${form}`);
    const description = parts['text'] ?? TEXTS[status] ?? '';
    if (parts['fields'] === undefined) {
      responses[status] = struct({ description });
      continue;
    }
    const name = parts['name'] ?? `${operation}Response`;
    schemas[name] = struct({ type: 'object', properties: propertiesOf(parts['fields']) });
    const reference = { $ref: `#/components/schemas/${name}` };
    responses[status] = struct({ description, content: { 'application/json': { schema: reference } } });
  }
  return responses;
}

function propertiesOf(fields: string): JsonObject {
  const properties = emptyObject();
  for (const field of fields.split(/; (?=\w+: )/)) {
    const [name = '', type = ''] = field.trim().split(/: (.*)/);
    if (name === '') continue;
    const parts = TYPE.exec(type)?.groups;
    assert(parts !== undefined, `the type of ${name} is written in the form that is read here: ${type}`);
    const json = (text: string | undefined): JsonValue | undefined => (text === undefined ? undefined : parse(text));
    const list = parts['list'] !== undefined;
    properties[name] = struct({
      type: list ? 'array' : parts['type'],
      format: parts['format'],
      items: list ? { type: parts['type']! } : undefined,
      enum: json(parts['allowed']),
      default: json(parts['fallback']),
      deprecated: parts['deprecated'] === undefined ? undefined : true,
    });
  }
  return properties;
}

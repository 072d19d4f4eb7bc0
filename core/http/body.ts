/** Request bodies: JSON objects within limits, or forms (facts §5.1). */
import { JsonError, emptyObject, isObject, kindOf } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { JsonObserver } from '../codec/json-reader.ts';
import { JsonReader } from '../codec/json-reader.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { coded } from '../fault.ts';
import type { ApiOptions } from './api.ts';
import { mediaType } from '../codec/media-type.ts';
import type { HttpRequest } from './message.ts';
import { parseQuery } from './url.ts';

class TooComplex extends Error {}

/** Upstream's estimate of what a body costs in memory: so much a token, and more by its kind. */
class Limits implements JsonObserver {
  readonly #options: ApiOptions;
  #memory = 0;
  #strings = 0;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  text(length: number): void {
    this.#strings++;
    const { maxJsonStrings } = this.#options;
    if (maxJsonStrings > 0 && this.#strings > maxJsonStrings) {
      throw new TooComplex('exceeded maximum number of strings');
    }
    this.#charge(16 + length);
  }

  scalar(kind: 'number' | 'literal'): void {
    this.#charge(kind === 'number' ? 8 : 1);
  }

  open(kind: 'object' | 'array'): void {
    this.#charge(kind === 'object' ? 72 : 24);
  }

  #charge(cost: number): void {
    this.#memory += 16 + cost;
    const { maxJsonMemory } = this.#options;
    if (maxJsonMemory > 0 && this.#memory > maxJsonMemory) {
      throw new TooComplex('exceeded maximum estimated memory limits');
    }
  }
}

/**
 * The first value of the body, undefined for an empty one. The limits count all that follows it too, so that a broken
 * end is refused though nobody reads it; only an end in the middle of something goes unnoticed there, as upstream.
 */
function readJson(request: HttpRequest, options: ApiOptions): JsonValue | undefined {
  if (request.body.length === 0) return undefined;
  const reader = new JsonReader(request.body, 'stream', new Limits(options));
  try {
    if (reader.atEnd()) return undefined;
    const first = reader.value();
    while (!reader.atEnd()) {
      if (!reader.skipValue()) break;
    }
    return first;
  } catch (error) {
    if (error instanceof TooComplex) {
      throw coded(400, `refused JSON input due to high complexity: ${error.message}`);
    }
    if (error instanceof JsonError) throw coded(400, `failed to decode JSON input: ${error.message}`);
    throw error;
  }
}

/** `goType` names what upstream decodes into, for its error text. Nothing and null are an empty object. */
export function jsonBody(request: HttpRequest, options: ApiOptions, goType = 'map[string]interface {}'): JsonObject {
  const value = readJson(request, options);
  if (value === undefined || value === null) return emptyObject();
  if (isObject(value)) return value;
  throw coded(
    400,
    `failed to decode JSON input: json: cannot unmarshal ${kindOf(value)} into Go value of type ${goType}`,
  );
}

/** A form where the content type says so, unless the body looks like JSON. */
export function bodyData(request: HttpRequest, options: ApiOptions): JsonObject {
  const type = request.headers.get('content-type')?.[0];
  if (type === undefined || !type.includes('application/x-www-form-urlencoded')) return jsonBody(request, options);
  if (mediaType(type).type !== 'application/x-www-form-urlencoded' || looksLikeJson(request.body)) {
    return jsonBody(request, options);
  }
  const { values, broken } = parseQuery(decodeUtf8(request.body));
  // Go reads the query along with a form, though nothing of it counts.
  const query = request.url.slice(request.url.indexOf('?') + 1 || request.url.length);
  if (broken || parseQuery(query).broken) throw coded(400, 'error parsing form data');
  const data = emptyObject();
  for (const [key, list] of values) data[key] = list.join(',');
  return data;
}

function looksLikeJson(body: Uint8Array): boolean {
  const first = body.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return first === 0x7b || first === 0x5b;
}

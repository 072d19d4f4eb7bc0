/** Bodies that upstream decodes into a Go struct: names without regard to case, kinds checked, the rest ignored. */
import { type Decoded, type StructFields, decodeStruct } from '../codec/go-struct.ts';
import { JsonError } from '../codec/json.ts';
import { coded } from '../fault.ts';
import type { ApiOptions } from './api.ts';
import { jsonBody } from './body.ts';
import type { HttpRequest } from './message.ts';

/** `struct` is Go's name without package, e.g. 'UnsealRequest'. */
export function structBody<const F extends StructFields>(
  request: HttpRequest,
  options: ApiOptions,
  struct: string,
  fields: F,
): Decoded<F> {
  const body = jsonBody(request, options, `http.${struct}`);
  try {
    return decodeStruct(body, fields, struct);
  } catch (error) {
    throw error instanceof JsonError ? coded(400, `failed to decode JSON input: ${error.message}`) : error;
  }
}

/** JSON as Go reads and writes it. (The types; parsing and printing stand below.) */

/** A number whose literal JavaScript would not print back unchanged: 1.50, 1e3, 12345678901234567890. */
export class JsonNumber {
  readonly literal: string;
  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Objects have a null prototype and no order of their own: they print with sorted keys. Maps print in their own order. */
export type JsonObject = { [key: string]: JsonValue };
export type JsonValue =
  | null
  | boolean
  | string
  | number
  | JsonNumber
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>
  | { [key: string]: JsonValue };

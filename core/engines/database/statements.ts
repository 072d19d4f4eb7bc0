/** Statements as roles have them: texts with `{{name}}` in them, several in one, also as JSON or in base64. */
import { parse, type JsonValue } from '../../codec/json.ts';
import { plainText } from '../../codec/plain-text.ts';

export interface Statements {
  readonly creation: readonly string[];
  readonly revocation: readonly string[];
  readonly rollback: readonly string[];
  readonly renewal: readonly string[];
  readonly rotation: readonly string[];
}

export const noStatements: Statements = { creation: [], revocation: [], rollback: [], renewal: [], rotation: [] };

export type Values = Readonly<Record<string, string>>;

/** Puts values in the place of `{{their names}}`. */
export function filled(text: string, values: Values): string {
  let out = text;
  for (const [name, value] of Object.entries(values)) out = out.replaceAll(`{{${name}}}`, () => value);
  return out;
}

/** The queries of statements, in order; a block (`BEGIN … END`) stays whole. */
export const queries = (statements: readonly string[]): string[] =>
  statements.flatMap((statement) => (isBlock(statement) ? [statement] : split(statement)));

/** Whether END stands in it as a word, outside of quotes. */
function isBlock(statement: string): boolean {
  const bare = statement.replace(/".*?"|'.*?'/g, '');
  return bare.split(/\s+/).some((word) => word.toUpperCase() === 'END');
}

/** A JSON list, else what is between semicolons; either may be in base64. Whatever is base64 is taken for it. */
export function split(statement: string): string[] {
  const text = plainText(statement.trim());
  const list = texts(text) ?? text.split(';');
  return list.map((query) => query.trim()).filter((query) => query !== '');
}

/** Undefined where it is no list of texts. */
export function texts(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  let value: JsonValue;
  try {
    value = parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? [...value] : undefined;
}

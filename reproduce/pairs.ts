/** A record as hclog prints it: `logger: message: key=value other="va lue"`. */
import { ESCAPES } from '../core/codec/go-quote.ts';

export interface Said {
  readonly name: string;
  readonly message: string;
  readonly fields: Record<string, string>;
}

const LOGGER = /^([a-z][\w-]*(?:\.[\w-]+)*): /;
/** Keys may have spaces ("backoff time"); the last words before the sign of equality are one. */
const FIRST_PAIR = /: (?=[A-Za-z][\w@. -]*=)/;
const PAIR = /^ ?([A-Za-z][\w@. -]*?)=("(?:[^"\\]|\\.)*"|\[.*?\](?= [A-Za-z][\w -]*=|$)|\S*)/;

export function parseSaid(text: string): Said {
  const name = LOGGER.exec(text)?.[1] ?? '';
  const rest = name === '' ? text : text.slice(name.length + 2);
  const first = FIRST_PAIR.exec(rest);
  if (first === null) return { name, message: rest.replace(/:$/, ''), fields: {} };
  return { name, message: rest.slice(0, first.index), fields: pairs(rest.slice(first.index + 2)) };
}

function pairs(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let rest = text;
  for (let pair = PAIR.exec(rest); pair !== null; pair = PAIR.exec(rest)) {
    fields[pair[1]!] = unquoted(pair[2]!);
    rest = rest.slice(pair[0].length);
  }
  return fields;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

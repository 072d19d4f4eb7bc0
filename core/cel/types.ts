/** Types as the checker knows them. `dyn` fits everything; a parameter (A, B …) is bound by the first that it meets. */

export interface Type {
  readonly name: string;
  readonly params: readonly Type[];
}

const simple = (name: string): Type => ({ name, params: [] });

export const DYN = simple('dyn');
/** What nothing has decided yet, and what it meets does: the items of an empty list. Told as dyn. */
export const OPEN = simple('dyn');
export const BOOL = simple('bool');
export const INT = simple('int');
export const UINT = simple('uint');
export const DOUBLE = simple('double');
export const STRING = simple('string');
export const BYTES = simple('bytes');
export const NULL = simple('null');
export const TIMESTAMP = simple('timestamp');
export const DURATION = simple('duration');
/** Of what has a mistake already: fits everything, too. */
export const ERROR = simple('!error!');

export const listOf = (item: Type): Type => ({ name: 'list', params: [item] });
export const mapOf = (key: Type, value: Type): Type => ({ name: 'map', params: [key, value] });
export const optionalOf = (value: Type): Type => ({ name: 'optional_type', params: [value] });
export const typeOf = (type: Type): Type => ({ name: 'type', params: [type] });

export const printType = ({ name, params }: Type): string =>
  params.length === 0 ? name : `${name}(${params.map(printType).join(', ')})`;

/** 'map(string, dyn)'. */
export function parseType(text: string): Type {
  const [, name, inside] = /^([\w.*]+)(?:\((.*)\))?$/.exec(text)!;
  if (inside === undefined) return simple(name!);
  const params: string[] = [''];
  let depth = 0;
  for (const character of inside) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) params.push('');
    else params[params.length - 1] += character;
  }
  return { name: name!, params: params.map((param) => parseType(param.trim())) };
}

export const isAny = ({ name }: Type): boolean => name === 'dyn' || name === '!error!';
const isParameter = ({ name }: Type): boolean => /^[A-Z]$/.test(name);

/** What Go keeps behind a pointer, which may be nil. */
const takesNull = ({ name }: Type): boolean =>
  name === 'timestamp' || name === 'duration' || name === 'optional_type' || name.includes('.');

/** Whether a value of type `given` may stand where `wanted` is; binds parameters of `wanted`. */
export function fits(wanted: Type, given: Type, bound: Map<string, Type>): boolean {
  if (isAny(wanted)) return true;
  if (isParameter(wanted)) {
    const known = bound.get(wanted.name);
    const settled = known !== undefined && known !== OPEN && (isAny(known) || given === ERROR);
    if (settled) return true;
    const free = known === undefined || known === OPEN || isAny(given) || (known.name === 'null' && takesNull(given));
    if (!free) return fits(known, given, bound);
    bound.set(wanted.name, given);
    return true;
  }
  if (isAny(given)) return true;
  if (given.name === 'null' && takesNull(wanted)) return true;
  // Type values stand for each other: type(1) == string.
  if (wanted.name === 'type' && given.name === 'type') return true;
  return (
    wanted.name === given.name &&
    wanted.params.length === given.params.length &&
    wanted.params.every((param, i) => fits(param, given.params[i]!, bound))
  );
}

/** With the parameters filled in; open for those that met nothing. */
export const filled = (type: Type, bound: ReadonlyMap<string, Type>): Type =>
  isParameter(type)
    ? (bound.get(type.name) ?? OPEN)
    : type.params.length === 0
      ? type
      : { name: type.name, params: type.params.map((param) => filled(param, bound)) };

/** Whether nothing is left open of it. */
export const isDecided = (type: Type, bound: ReadonlyMap<string, Type>): boolean =>
  isParameter(type) ? bound.has(type.name) : type.params.every((param) => isDecided(param, bound));

/** What stands beside each other in a list or a map: of two that fit each other the one that says less, or else the second. */
export function together(a: Type, b: Type): Type {
  if (!fits(a, b, new Map()) && !fits(b, a, new Map())) return DYN;
  return saysLess(a, b) ? a : b;
}

function saysLess(a: Type, b: Type): boolean {
  if (a.name === 'dyn') return true;
  if (b.name === 'dyn' || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.name === 'type' || a.params.every((param, i) => saysLess(param, b.params[i]!));
}

/** The type of either. */
export const joined = (a: Type, b: Type): Type => (printType(a) === printType(b) ? a : DYN);

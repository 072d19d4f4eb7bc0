/** Go's regular expressions (RE2) on JavaScript's: what the two write differently, and Go's words for what is wrong. */

/** The pattern is none; Go's text. */
export class RegexpError extends Error {
  constructor(message: string) {
    super(`error parsing regexp: ${message}`);
    this.name = 'RegexpError';
  }
}

/** Look-around and back-references, which RE2 has not. */
const PERL_ONLY = /\(\?(?:=|!|<=|<!)/;

/** JavaScript compiles when it first matches, and may say only then that it is too much. */
const LONGEST = 20_000;

/** `flags` are JavaScript's. Throws RegexpError. */
export function compileRegexp(pattern: string, flags = ''): RegExp {
  if (pattern.length > LONGEST) throw new RegexpError(`expression too large: \`${pattern}\``);
  refuseUnbalanced(pattern);
  const perl = PERL_ONLY.exec(pattern);
  if (perl !== null) throw new RegexpError(`invalid or unsupported Perl syntax: \`${perl[0]}\``);
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const source = pattern
    .slice(leading?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('\\Q', '')
    .replaceAll('\\E', '')
    .replaceAll('[[:alpha:]]', '[A-Za-z]')
    .replaceAll('[[:digit:]]', '[0-9]')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]');
  try {
    return new RegExp(source, flagsOf(`${flags}${leading?.[1] ?? ''}u`));
  } catch {
    try {
      // Without Unicode mode JavaScript lets pass escapes that RE2 knows and it does not need.
      return new RegExp(source, flagsOf(`${flags}${leading?.[1] ?? ''}`));
    } catch {
      const repeat = /(?:^|[(|])([*+?])|([*+?]{2,})/.exec(pattern);
      if (repeat?.[1] !== undefined) throw new RegexpError(`missing argument to repetition operator: \`${repeat[1]}\``);
      if (repeat !== null) throw new RegexpError(`invalid nested repetition operator: \`${repeat[2]!.slice(0, 2)}\``);
      throw new RegexpError(`invalid escape sequence: \`${pattern}\``);
    }
  }
}

/** Each flag once. */
const flagsOf = (flags: string): string => Array.from(new Set(flags)).join('');

function refuseUnbalanced(pattern: string): void {
  const lastNamed = pattern.lastIndexOf(':]');
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      if (at + 1 === pattern.length) throw new RegexpError('trailing backslash at end of expression: ``');
      at += 1;
    } else if (character === '[') {
      const end = endOfClass(pattern, at, lastNamed);
      if (end < 0) throw new RegexpError(`missing closing ]: \`${pattern.slice(at)}\``);
      at = end;
    } else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth < 0) throw new RegexpError(`unexpected ): \`${pattern}\``);
    }
  }
  if (depth > 0) throw new RegexpError(`missing closing ): \`${pattern}\``);
}

/** `lastNamed` is where the last `:]` is, so that a long pattern is not searched for one again and again. */
function endOfClass(pattern: string, from: number, lastNamed: number): number {
  // A bracket that comes first is a member.
  let at = from + (pattern[from + 1] === '^' ? 2 : 1);
  if (pattern[at] === ']') at += 1;
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === '[' && pattern[at + 1] === ':' && lastNamed >= at + 2) {
      const end = pattern.indexOf(':]', at + 2);
      if (end > 0) at = end + 1;
    } else if (pattern[at] === ']') return at;
  }
  return -1;
}

/** OpenAPI paths out of route patterns: captures become `{name}`, optional and alternative parts one path each. */

/** `^role/(?P<name>\w+)(/id)?$` → ['role/{name}', 'role/{name}/id']. What has no end of them stays as it is. */
export function expandPattern(source: string): string[] {
  const plain = nameCaptures(source.replace(/^\^/, '').replace(/\$$/, '').replace(/\/\?$/, ''));
  if (/(?<!\\)[*+]/.test(plain)) return [source];
  return [...new Set(expand(plain).map((text) => text.replace(/[\\$]/g, '')))].sort();
}

// Captures first, so that what they contain is never taken for alternatives.
function nameCaptures(source: string): string {
  let out = '';
  for (let at = 0; at < source.length;) {
    const found = /^\(\?P<(\w+)>/.exec(source.slice(at));
    if (found === null) {
      out += source[at++]!;
      continue;
    }
    at = closing(source, at) + 1;
    const optional = source[at] === '?';
    if (optional) at++;
    out += optional ? `({${found[1]!}})?` : `{${found[1]!}}`;
  }
  return out;
}

function closing(source: string, open: number): number {
  let depth = 0;
  for (let at = open; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '(') depth++;
    else if (source[at] === ')' && --depth === 0) return at;
  }
  return source.length - 1;
}

function expand(text: string): string[] {
  const open = text.indexOf('(');
  if (open < 0) return [text.replace(/\/\?\$?$/, '')];
  const close = closing(text, open);
  const inner = text.slice(open + 1, close).replace(/^\?:/, '');
  const optional = text[close + 1] === '?';
  const before = text.slice(0, open);
  const after = text.slice(close + (optional ? 2 : 1));
  const choices = alternatives(inner);
  if (optional) choices.unshift('');
  return choices.flatMap((choice) => expand(before + choice + after));
}

function alternatives(inner: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '(') depth++;
    else if (inner[at] === ')') depth--;
    else if (inner[at] === '|' && depth === 0) {
      out.push(inner.slice(start, at));
      start = at + 1;
    }
  }
  return [...out, inner.slice(start)];
}

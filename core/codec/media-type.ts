/** Content types as Go's mime.ParseMediaType reads them, as far as refusals show it. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The lower-cased type without parameters, or why it is none. */
export function mediaType(header: string): { type: string; error?: undefined } | { type?: undefined; error: string } {
  const [first = '', ...parameters] = header.split(';');
  const type = first.trim().toLowerCase();
  if (type === '') return { error: 'mime: no media type' };
  const slash = type.indexOf('/');
  if (slash < 0) {
    if (!TOKEN.test(type)) return { error: 'mime: expected slash after first token' };
  } else {
    if (!TOKEN.test(type.slice(0, slash))) return { error: 'mime: no media type' };
    const subtype = type.slice(slash + 1);
    if (subtype === '') return { error: 'mime: expected token after slash' };
    if (!TOKEN.test(subtype)) return { error: 'mime: unexpected content after media subtype' };
  }
  const names = new Set<string>();
  for (const [index, parameter] of parameters.entries()) {
    const text = parameter.trim();
    if (text === '' && index === parameters.length - 1) break;
    const equals = text.indexOf('=');
    if (equals < 1 || !TOKEN.test(text.slice(0, equals))) return { error: 'mime: invalid media parameter' };
    const name = text.slice(0, equals).toLowerCase();
    if (names.has(name)) return { error: 'mime: duplicate parameter name' };
    names.add(name);
  }
  return { type };
}

/** Escapes text for HTML content and double-quoted attributes. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** An element; `children` is markup, attribute values are escaped here. */
export function element(name: string, attributes: Record<string, string | number>, children = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escape(String(value))}"`)
    .join('');
  return `<${name}${written}>${children}</${name}>`;
}

/** A mark with a tooltip. */
export const titled = (name: string, attributes: Record<string, string | number>, title: string): string =>
  element(name, attributes, element('title', {}, escape(title)));

/** XML as services answer it: elements and text. Attributes, comments and declarations are skipped; there are no entities but XML's own. */

export interface XmlElement {
  readonly name: string;
  /** Of the element itself, its children's left out. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

export class XmlError extends Error {
  constructor(message: string) {
    super(`xml: ${message}`);
    this.name = 'XmlError';
  }
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/gy;
/** Elements inside of each other; no answer comes near. */
const DEEPEST = 64;

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** The root element. Throws XmlError. */
export function parseXml(text: string): XmlElement {
  const top: Open = { name: '', text: '', children: [] };
  const open: Open[] = [top];
  let at = 0;
  for (const [whole, cdata, closing, name, , empty, plain] of text.matchAll(TOKEN)) {
    at += whole.length;
    const inner = open.at(-1)!;
    if (cdata !== undefined) inner.text += cdata;
    else if (plain !== undefined) inner.text += unescapeXml(plain);
    else if (name !== undefined && closing === '/') {
      if (inner.name !== name || open.length === 1) throw new XmlError(`unexpected </${name}>`);
      open.pop();
    } else if (name !== undefined) {
      const element: Open = { name, text: '', children: [] };
      inner.children.push(element);
      if (empty !== '/') open.push(element);
      if (open.length > DEEPEST) throw new XmlError('too deep');
    }
  }
  if (at !== text.length || open.length !== 1) throw new XmlError('unexpected end');
  const [root, ...more] = top.children;
  if (root === undefined || more.length > 0 || top.text.trim() !== '') throw new XmlError('no single root element');
  return root;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+);?/g, (whole, name: string) => {
    if (!name.startsWith('#')) {
      const known = Object.hasOwn(entities, name) ? entities[name] : undefined;
      if (known === undefined) throw new XmlError(`unknown entity ${whole}`);
      return known;
    }
    const code = name.startsWith('#x') ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (code > 0x10ffff) throw new XmlError(`no such character ${whole}`);
    return String.fromCodePoint(code);
  });
}

export const escapeXml = (text: string): string =>
  text.replace(/[<>&"']/g, (character) => `&${Object.entries(entities).find(([, one]) => one === character)![0]};`);

/** The first element of that name on the way down; undefined when a step is missing. */
export function xmlAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { escapeXml, parseXml, xmlAt, type XmlElement, XmlError } from './xml.ts';

it('reads elements, text, entities and what is written as it is', () => {
  const root = parseXml(
    `<?xml version="1.0"?>\n<!-- x --><a xmlns="https://a/b"><b c='>'>1 &lt; 2 &#65;&#x42;</b><d/><b><![CDATA[<&]]></b></a>\n`,
  );
  expect(xmlAt(root, 'b')!.text).toBe('1 < 2 AB');
  expect(root.children.map(({ name, text }) => [name, text])).toStrictEqual([
    ['b', '1 < 2 AB'],
    ['d', ''],
    ['b', '<&'],
  ]);
  expect(xmlAt(root, 'b', 'none')).toBeUndefined();
});

it.each([
  '',
  'text',
  '<a>',
  '</a>',
  '<a></b>',
  '<a/><b/>',
  '<a>&none;</a>',
  '<a>&#x110000;</a>',
  '<a',
  '<a>'.repeat(99),
])('refuses %j', (text) => {
  expect(() => parseXml(text)).toThrow(XmlError);
});

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9]{0,5}$/);
const trees = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.record({
    name,
    text: fc.string(),
    children: fc.oneof({ depthSize: 'small' }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
})).tree;

const write = ({ name: tag, text, children }: XmlElement): string =>
  `<${tag}>${escapeXml(text)}${children.map(write).join('')}</${tag}>`;

test.prop([trees])('reads what is written', (tree) => {
  expect(parseXml(write(tree))).toEqual(tree);
});

test.prop([fc.string({ unit: fc.constantFrom('<', '>', '/', 'a', '&', ';', '"', '!', '-', '[', ' ', '?') })])(
  'any text is an element or an XmlError',
  (text) => {
    try {
      parseXml(text);
    } catch (error) {
      expect(error).toBeInstanceOf(XmlError);
    }
  },
);

/**
 * Distinguished names: what Go's pkix.Name is and writes. A name is a list of relative names, each a set of attributes;
 * `Subject` is the flat view that most users want.
 */
import { der, element, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeUtf8Strict } from '../../codec/utf8.ts';
import { must, X509Error } from './error.ts';
import { ATTRIBUTE } from './oids.ts';

export interface Attribute {
  readonly oid: string;
  readonly value: string;
  /** The string type it was read with; the shortest that holds the value when it is written without. */
  readonly tag?: number;
}

export type DistinguishedName = readonly (readonly Attribute[])[];

/** The attributes that pkix.Name has fields for. */
export interface Subject {
  readonly country: readonly string[];
  readonly organization: readonly string[];
  readonly organizationalUnit: readonly string[];
  readonly locality: readonly string[];
  readonly province: readonly string[];
  readonly streetAddress: readonly string[];
  readonly postalCode: readonly string[];
  readonly serialNumber: string;
  readonly commonName: string;
  /** Written last, each a relative name of its own. */
  readonly extra: readonly Attribute[];
}

export const EMPTY_SUBJECT: Subject = {
  country: [],
  organization: [],
  organizationalUnit: [],
  locality: [],
  province: [],
  streetAddress: [],
  postalCode: [],
  serialNumber: '',
  commonName: '',
  extra: [],
};

/** In the order in which OpenBao's Go writes them. */
const LISTS = [
  ['country', ATTRIBUTE.country],
  ['province', ATTRIBUTE.province],
  ['locality', ATTRIBUTE.locality],
  ['streetAddress', ATTRIBUTE.streetAddress],
  ['postalCode', ATTRIBUTE.postalCode],
  ['organization', ATTRIBUTE.organization],
  ['organizationalUnit', ATTRIBUTE.organizationalUnit],
] as const;

export function nameOf(subject: Subject): DistinguishedName {
  const name: Attribute[][] = [];
  for (const [key, oid] of LISTS) {
    if (subject[key].length > 0) name.push(subject[key].map((value) => ({ oid, value })));
  }
  if (subject.commonName !== '') name.push([{ oid: ATTRIBUTE.commonName, value: subject.commonName }]);
  if (subject.serialNumber !== '') name.push([{ oid: ATTRIBUTE.serialNumber, value: subject.serialNumber }]);
  return [...name, ...subject.extra.map((attribute) => [attribute])];
}

/** Attributes without a field of their own are in no list: `extra` is only for writing. */
export function subjectOf(name: DistinguishedName): Subject {
  const lists: Record<string, string[]> = {};
  let [commonName, serialNumber] = ['', ''];
  for (const { oid, value } of name.flat()) {
    if (oid === ATTRIBUTE.commonName) commonName = value;
    else if (oid === ATTRIBUTE.serialNumber) serialNumber = value;
    else for (const [key, its] of LISTS) if (its === oid) (lists[key] ??= []).push(value);
  }
  return { ...EMPTY_SUBJECT, ...lists, commonName, serialNumber };
}

/** What Go takes for a PrintableString when it writes one: neither '*' nor '&' nor '@'. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

const encodeValue = ({ value, tag }: Attribute): Uint8Array => {
  if (tag === TAG.bmp) return element(TAG.bmp, encodeBmp(value));
  if (tag === TAG.ia5) return der.ia5(value);
  if (tag === TAG.utf8 || !PRINTABLE.test(value)) return der.utf8(value);
  return der.printable(value);
};

function encodeBmp(value: string): Uint8Array {
  const bytes = new Uint8Array(2 * value.length);
  for (let i = 0; i < value.length; i++) {
    bytes[2 * i] = value.charCodeAt(i) >> 8;
    bytes[2 * i + 1] = value.charCodeAt(i) & 255;
  }
  return bytes;
}

const decodeBmp = (bytes: Uint8Array): string =>
  Array.from({ length: bytes.length >> 1 }, (_, i) =>
    String.fromCharCode((bytes[2 * i]! << 8) | bytes[2 * i + 1]!),
  ).join('');

export const encodeName = (name: DistinguishedName): Uint8Array =>
  der.sequence(
    ...name.map((set) =>
      der.set(...set.map((attribute) => der.sequence(der.oid(attribute.oid), encodeValue(attribute)))),
    ),
  );

const NO_NAME = 'invalid RDNSequence';

/** The contents of a Name. Throws X509Error. */
export function parseName(reader: DerReader): DistinguishedName {
  const name: Attribute[][] = [];
  const sets = must(NO_NAME, () => reader.sequence());
  while (!sets.atEnd) {
    const set = must(NO_NAME, () => sets.set());
    const attributes: Attribute[] = [];
    while (!set.atEnd) {
      const attribute = must(`${NO_NAME}: invalid attribute`, () => set.sequence());
      const oid = must(`${NO_NAME}: invalid attribute type`, () => attribute.oid());
      const { tag, contents } = must(`${NO_NAME}: invalid attribute value: invalid ASN.1 element`, () =>
        attribute.any(),
      );
      attributes.push({ oid, value: textOf(tag, contents), tag });
    }
    name.push(attributes);
  }
  return name;
}

/** As they stand in names: what Go takes for printable when it reads is more than what it writes as that. */
const READABLE = /^[A-Za-z0-9 '()*&+,\-./:=?]*$/;

function textOf(tag: number, contents: Uint8Array): string {
  const decline = (what: string): never => {
    throw new X509Error(`x509: ${NO_NAME}: invalid attribute value: ${what}`);
  };
  const latin = String.fromCharCode(...contents);
  switch (tag) {
    case TAG.t61:
      return latin;
    case TAG.printable:
      return !READABLE.test(latin) ? decline('invalid PrintableString') : latin;
    case TAG.utf8:
      return decodeUtf8Strict(contents) ?? decline('invalid UTF-8 string');
    case TAG.bmp:
      return contents.length % 2 !== 0 ? decline('invalid BMPString') : decodeBmp(contents);
    case TAG.ia5:
      return contents.some((byte) => byte > 0x7f) ? decline('invalid IA5String') : latin;
    case TAG.numeric:
      return !/^[0-9 ]*$/.test(latin) ? decline('invalid NumericString') : latin;
    default:
      // What is no text is no reason to refuse a name.
      return '';
  }
}

const SHORT: Readonly<Record<string, string>> = {
  [ATTRIBUTE.country]: 'C',
  [ATTRIBUTE.organization]: 'O',
  [ATTRIBUTE.organizationalUnit]: 'OU',
  [ATTRIBUTE.commonName]: 'CN',
  [ATTRIBUTE.serialNumber]: 'SERIALNUMBER',
  [ATTRIBUTE.locality]: 'L',
  [ATTRIBUTE.province]: 'ST',
  [ATTRIBUTE.streetAddress]: 'STREET',
  [ATTRIBUTE.postalCode]: 'POSTALCODE',
};

/** RFC 2253's form, most specific first, as pkix.RDNSequence prints it. */
export function nameText(name: DistinguishedName): string {
  return name
    .toReversed()
    .map((set) => set.map(attributeText).join('+'))
    .join(',');
}

function attributeText(attribute: Attribute): string {
  const { oid, value } = attribute;
  const short = SHORT[oid];
  if (short === undefined) return `${oid}=#${encodeHex(encodeValue(attribute))}`;
  const escaped = value
    .replace(/[,+"\\<>;]/g, String.raw`\$&`)
    .replace(/^[ #]/, String.raw`\$&`)
    .replace(/(?<=.) $/, String.raw`\ `);
  return `${short}=${escaped}`;
}

/** The name that this element is. Throws DerError or X509Error. */
export function parseWholeName(bytes: Uint8Array): DistinguishedName {
  const reader = new DerReader(bytes);
  const name = parseName(reader);
  reader.end();
  return name;
}

/** What is nearly valid: a sample bent in one to four places, as fast-check draws (and shrinks) it. */
import fc from 'fast-check';
import { concatBytes } from '../../../core/codec/bytes.ts';
import { levels, readTree, writeTree, type DerNode } from './der-tree.ts';

/** Numbers that choose the place, the way and the material of one bend. */
interface Bend {
  readonly how: number;
  readonly at: number;
  readonly to: number;
  readonly value: number;
}

const bends = fc.array(
  fc.record<Bend>({
    how: fc.nat(99),
    at: fc.nat(0xffff),
    to: fc.nat(0xffff),
    value: fc.nat(0xffff),
  }),
  { minLength: 1, maxLength: 4 },
);

export const bentBytes = (samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { arbitrary: bent(samples, bendBytes), weight: 20 },
    { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
  );

export const bentText = (samples: readonly string[], words: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      arbitrary: bent(samples, (text, bend, other) => bendText(text, bend, other, words)),
      weight: 20,
    },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 60 }), weight: 1 },
  );

function bent<T>(samples: readonly T[], apply: (sample: T, bend: Bend, other: T) => T): fc.Arbitrary<T> {
  return fc.tuple(fc.constantFrom(...samples), fc.constantFrom(...samples), bends).map(([sample, other, list]) => {
    let now = sample;
    for (const bend of list) now = apply(now, bend, other);
    return now;
  });
}

/** What lengths, counts and tags like to be when they are wrong. */
const ODD_BYTES = [0, 1, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xa0, 0xff];

function bendBytes(bytes: Uint8Array, bend: Bend, other: Uint8Array): Uint8Array {
  const tree = bend.how < 55 ? readTree(bytes) : undefined;
  if (tree !== undefined && tree.length > 0) return bendTree(tree, bend, readTree(other) ?? []);
  if (bytes.length === 0) return Uint8Array.of(bend.value & 0xff);
  const at = bend.at % bytes.length;
  const end = Math.min(bytes.length, at + 1 + (bend.to % 40));
  const [head, span, tail] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (bend.how % 7) {
    case 0: {
      const changed = bytes.slice();
      changed[at] = bend.value & 0xff;
      return changed;
    }
    case 1: {
      const changed = bytes.slice();
      changed[at] = ODD_BYTES[bend.value % ODD_BYTES.length]!;
      return changed;
    }
    case 2:
      return head.slice();
    case 3:
      return concatBytes(head, tail);
    case 4:
      return concatBytes(head, span, span, tail);
    case 5:
      return concatBytes(head, other.subarray(bend.to % (other.length + 1)));
    default:
      return concatBytes(head, new Uint8Array(1 + (bend.to % 9)).fill(bend.value & 0xff), tail);
  }
}

function bendTree(tree: DerNode[], { how, at, to, value }: Bend, other: DerNode[]): Uint8Array {
  const all = levels(tree);
  const level = all[at % all.length]!;
  const index = to % level.length;
  const node = level[index]!;
  const strangers = levels(other);
  switch (how % 9) {
    case 0:
      node.tag = value & 0xff;
      break;
    case 1:
      level.splice(index, 1);
      break;
    case 2:
      level.splice(index, 0, node);
      break;
    case 3:
      level.splice(index, 1);
      level.splice(value % (level.length + 1), 0, node);
      break;
    case 4:
      node.inside = undefined;
      node.contents = new Uint8Array(value % 5).fill(to & 0xff);
      break;
    case 5: {
      const from = strangers[value % Math.max(1, strangers.length)] ?? [];
      if (from.length > 0) level.splice(index, 1, from[to % from.length]!);
      break;
    }
    case 6: {
      let wrapped: DerNode = node;
      for (let i = 0; i < 1 + (value % 40); i++) wrapped = { tag: 0x30, inside: [wrapped], contents: node.contents };
      level[index] = wrapped;
      break;
    }
    case 7:
      node.contents = concatBytes(
        Uint8Array.of(value & 0xff),
        node.inside === undefined ? node.contents : writeTree(node.inside),
      );
      node.inside = undefined;
      break;
    default:
      node.contents = new Uint8Array(value % 300).fill(0xff);
      node.inside = undefined;
  }
  return writeTree(tree);
}

/** Characters and words that mean something somewhere. */
const ODD_WORDS = [
  '',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '"',
  "'",
  '`',
  '\\',
  '\\u',
  '\\x',
  '\\ud800',
  '\ud800',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '{{',
  '}}',
  '<',
  '>',
  '<<EOF\n',
  '=',
  ':',
  ';',
  ',',
  '.',
  '-',
  '+',
  '*',
  '&',
  '|',
  '!',
  '#',
  '//',
  '/*',
  '*/',
  '%',
  '%zz',
  '@',
  '~',
  '$',
  '^',
  '?',
  '_',
  '0',
  '-1',
  '1e999',
  '9223372036854775808',
  '0x',
  '0b2',
  '1.',
  '.5',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  'é',
  '\u2028',
  '\ufeff',
  '😀',
  '\x7f',
  '\x80',
] as const;

const WORD = /[A-Za-z0-9_]+|\s+|[^]/g;

function bendText(text: string, { how, at, to, value }: Bend, other: string, own: readonly string[]): string {
  const words = text.match(WORD) ?? [];
  const place = at % (words.length + 1);
  const end = Math.min(words.length, place + 1 + (to % 12));
  const head = words.slice(0, place).join('');
  const span = words.slice(place, end).join('');
  const tail = words.slice(end).join('');
  const dictionary = value % 2 === 0 && own.length > 0 ? own : ODD_WORDS;
  const word = dictionary[to % dictionary.length]!;
  switch (how % 9) {
    case 0:
      return head + word + words.slice(place).join('');
    case 1:
      return head + word + words.slice(place + 1).join('');
    case 2:
      return head + tail;
    case 3:
      return head + span + span + tail;
    case 4:
      return head;
    case 5:
      return head + other.slice(to % (other.length + 1));
    case 6:
      return head + span.repeat(2 + (value % 30)) + tail;
    case 7: {
      const far = value % (words.length + 1);
      return [...words.slice(far), ...words.slice(0, far)].join('');
    }
    default:
      return head + word.repeat(1 + (value % 60)) + tail;
  }
}

/** Bent inputs for everything that reads: each gives a value or the reader's own refusal, and comes back soon. */
import fc from 'fast-check';
import { bentBytes, bentText } from './bend.ts';
import { outcome, shown, type BytesReader, type InputReader, type TextReader } from './parser.ts';

export interface InputsOptions {
  readonly count: number;
  readonly seed: number;
}

export interface ReaderResult {
  /** What was read and what came out, made as small as it goes; undefined when all was well. */
  readonly failure: string | undefined;
  /** Of the slowest input, in ms. */
  readonly slowest: number;
}

export function fuzzReader(reader: InputReader, { count, seed }: InputsOptions): ReaderResult {
  return reader.of === 'bytes'
    ? hunt(reader.name, bentBytes(reader.samples), (input) => outcome(reader, input), { count, seed })
    : hunt(reader.name, bentText(reader.samples, reader.words), (input) => outcome(reader, input), { count, seed });
}

function hunt<T extends Uint8Array | string>(
  name: string,
  inputs: fc.Arbitrary<T>,
  tried: (input: T) => unknown,
  { count, seed }: InputsOptions,
): ReaderResult {
  let slowest = 0;
  const property = fc.property(inputs, (input) => {
    const before = performance.now();
    const wrong = tried(input);
    slowest = Math.max(slowest, performance.now() - before);
    if (wrong !== undefined) throw wrong as Error;
  });
  const { failed, counterexample, errorInstance } = fc.check(property, { numRuns: count, seed });
  if (!failed) return { failure: undefined, slowest };
  return { failure: `${name}: ${shown(counterexample![0])}: ${described(errorInstance)}`, slowest };
}

/** A few words over and over: what nests, what repeats, what never ends. About `size` characters each. */
function* hugeTexts(reader: TextReader, size: number): Generator<string> {
  for (const [open, close] of reader.nested) {
    const turns = Math.floor(size / (open.length + close.length));
    yield open.repeat(turns);
    yield open.repeat(turns) + close.repeat(turns);
  }
  for (const word of ['a', ' ', '\n', '"', '\\', ',', '=', '(', '{{', ...reader.words])
    if (word !== '') yield word.repeat(Math.floor(size / word.length));
  for (const sample of reader.samples.slice(0, 3)) yield `${sample}\n`.repeat(Math.floor(size / (sample.length + 1)));
}

/** Elements inside of elements, and lengths that promise much. */
function* hugeBytes(reader: BytesReader, size: number): Generator<Uint8Array> {
  for (const octet of [0, 0x24, 0x30, 0x31, 0x80, 0x84, 0xa0, 0xff]) yield new Uint8Array(size).fill(octet);
  yield nestedSequences(size);
  for (const sample of reader.samples.slice(0, 3)) {
    const long = new Uint8Array(size);
    for (let at = 0; at < size; at += sample.length)
      long.set(sample.subarray(0, Math.min(sample.length, size - at)), at);
    yield long;
  }
}

/** Sequences in sequences, each with four octets of its length. */
function nestedSequences(size: number): Uint8Array {
  const whole = new Uint8Array(size - (size % 6));
  for (let at = 0; at < whole.length; at += 6) {
    const left = whole.length - at - 6;
    whole.set([0x30, 0x84, left >>> 24, (left >>> 16) & 0xff, (left >>> 8) & 0xff, left & 0xff], at);
  }
  return whole;
}

export function readHuge(reader: InputReader, size: number): ReaderResult {
  let slowest = 0;
  let failure: string | undefined;
  const tried = (input: Uint8Array | string, wrong: () => unknown): void => {
    const before = performance.now();
    const error = wrong();
    slowest = Math.max(slowest, performance.now() - before);
    if (error !== undefined) failure ??= `${reader.name}: ${shown(input)}… (${input.length}): ${described(error)}`;
  };
  if (reader.of === 'bytes') for (const input of hugeBytes(reader, size)) tried(input, () => outcome(reader, input));
  else for (const input of hugeTexts(reader, size)) tried(input, () => outcome(reader, input));
  return { failure, slowest };
}

const described = (error: unknown): string =>
  error instanceof Error
    ? `${error.name}: ${error.message.slice(0, 200)}\n    ${(error.stack ?? '')
        .split('\n')
        .filter((line) => line.includes(' at '))
        .slice(0, 3)
        .join('\n    ')}`
    : String(error);

/** One reader of what comes from outside, and what is known about it. */
import { decodeUtf8 } from '../../../core/codec/utf8.ts';

type ErrorClass = abstract new (...args: never[]) => Error;

interface Reader<T> {
  readonly name: string;
  /** Valid inputs, which are bent. */
  readonly samples: readonly T[];
  readonly read: (input: T) => unknown;
  /** The classes that its refusals may have. */
  readonly refusals: readonly ErrorClass[];
}

export interface BytesReader extends Reader<Uint8Array> {
  readonly of: 'bytes';
}

export interface TextReader extends Reader<string> {
  readonly of: 'text';
  /** Words of the language, for bends. */
  readonly words: readonly string[];
  /** What can stand inside of itself: opened and closed a great many times. */
  readonly nested: readonly (readonly [open: string, close: string])[];
}

export type InputReader = BytesReader | TextReader;

export const bytes = (name: string, rest: Omit<BytesReader, 'name' | 'of'>): BytesReader => ({
  name,
  of: 'bytes',
  ...rest,
});

export const text = (
  name: string,
  rest: Omit<TextReader, 'name' | 'of' | 'words' | 'nested'> & Partial<Pick<TextReader, 'words' | 'nested'>>,
): TextReader => ({ name, of: 'text', words: [], nested: [], ...rest });

/** Undefined when the input was read, or refused as it should be; else what came out of it. */
export function outcome<T>({ read, refusals }: Reader<T>, input: T): unknown {
  try {
    read(input);
    return undefined;
  } catch (error) {
    return refusals.some((refusal) => error instanceof refusal) ? undefined : (error ?? 'nothing was thrown');
  }
}

export const shown = (input: Uint8Array | string): string =>
  JSON.stringify(typeof input === 'string' ? input : decodeUtf8(input)).slice(0, 300);

/** What reads documents: who is sent what, and what has to be there before. */
import fc from 'fast-check';
import { encodeBase64 } from '../../../core/codec/base64.ts';
import { encodePem } from '../../../core/codec/pem.ts';
import { step, type Step } from '../../case.ts';
import { bentBytes, bentText } from '../inputs/bend.ts';

export interface DocumentKind {
  /** As it is asked for, and as its documents are drawn. */
  readonly name: string;
  /** Within a namespace of its own. */
  readonly before: readonly Step[];
  readonly documents: fc.Arbitrary<string>;
  /** `given` is transit's wrapping key in PEM, or where the document is served, for the kinds that have one. */
  readonly send: (document: string, given: string) => Step;
  /** Asks for the wrapping key of a mount of transit first. */
  readonly wraps?: true;
  /** The servers fetch the document. */
  readonly fetched?: true;
  /** Not in a namespace. */
  readonly global?: true;
}

export const post = (path: string, body: object): Step => step('POST', path, { body: JSON.stringify(body) });
export const pem = (label: string, samples: readonly Uint8Array[]): readonly string[] =>
  samples.map((one) => encodePem(label, one));

const ARMOUR = ['-----BEGIN ', '-----END ', '-----', 'CERTIFICATE', 'PRIVATE KEY', 'PUBLIC KEY', 'A: b\n', '=', 'MI'];

/** Bent within and well armoured, or bent as a text. */
export const bentPem = (label: string, samples: readonly Uint8Array[]): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: bentBytes(samples).map((der) => encodePem(label, der)), weight: 3 },
    { arbitrary: bentText(pem(label, samples), ARMOUR), weight: 1 },
  );

export const bentBase64 = (samples: readonly Uint8Array[]): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: bentBytes(samples).map(encodeBase64), weight: 3 },
    { arbitrary: bentText(samples.map(encodeBase64), ['=', '-', '_', '+', '/']), weight: 1 },
  );

export const JSON_WORDS = ['"', '{', '}', '[', ']', ':', ',', 'null', 'true', '1e400', '1.5', '-1', '"a"', '\\u0000'];

export const bentJson = (samples: readonly unknown[], words: readonly string[] = []): fc.Arbitrary<string> =>
  bentText(
    samples.map((one) => JSON.stringify(one)),
    [...JSON_WORDS, ...words],
  );

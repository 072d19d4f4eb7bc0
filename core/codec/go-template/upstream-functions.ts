/** The functions that upstream gives its templates beside Go's own: for user names, passwords and workflows. */
import { encodeBase64 } from '../base64.ts';
import { encodeUtf8 } from '../utf8.ts';
import { encodeHex } from '../hex.ts';
import { formatGoTime } from './go-time.ts';
import { GoTemplateError } from './lexer.ts';
import { templateFunction } from './functions.ts';
import type { TemplateFunctions } from './functions.ts';

/** What the functions take from the world. */
export interface TemplateWorld {
  /** Letters and digits. */
  random(length: number): string;
  /** Wall micros. */
  now(): number;
  uuid(): string;
  sha256(bytes: Uint8Array): Uint8Array;
}

const HASH = 8;

export function upstreamFunctions(world: TemplateWorld): TemplateFunctions {
  const digest = (text: string): string => encodeHex(world.sha256(encodeUtf8(text)));
  const seconds = (): number => Math.floor(world.now() / 1_000_000);
  return {
    random: templateFunction(['int'], (length: bigint) => world.random(Number(length))),
    truncate: templateFunction(['int', 'string'], (most: bigint, text: string) => {
      if (most <= 0n) throw new GoTemplateError(`max length must be > 0 but was ${most}`);
      return text.slice(0, Number(most));
    }),
    truncate_sha256: templateFunction(['int', 'string'], (most: bigint, text: string) => {
      if (most <= HASH) throw new GoTemplateError(`max length must be > ${HASH} but was ${most}`);
      if (text.length <= most) return text;
      const kept = Number(most) - HASH;
      return text.slice(0, kept) + digest(text.slice(kept)).slice(0, HASH);
    }),
    uppercase: templateFunction(['string'], (text: string) => text.toUpperCase()),
    lowercase: templateFunction(['string'], (text: string) => text.toLowerCase()),
    replace: templateFunction(['string', 'string', 'string'], (from: string, to: string, text: string) =>
      text.replaceAll(from, () => to),
    ),
    sha256: templateFunction(['string'], digest),
    base64: templateFunction(['string'], (text: string) => encodeBase64(encodeUtf8(text))),
    unix_time: templateFunction([], () => String(seconds())),
    unix_time_millis: templateFunction([], () => String(Math.floor(world.now() / 1_000))),
    timestamp: templateFunction(['string'], (layout: string) => formatGoTime(layout, seconds())),
    uuid: templateFunction([], () => world.uuid()),
  };
}

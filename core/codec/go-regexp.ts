/** Go's regular expressions, which take no more than linear time whatever a client writes: RE2, with Go's words. */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

/** The pattern is none; Go's text. */
export class RegexpError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RegexpError';
  }
}

/** Where a pattern was found, in UTF-16 units; the first group is all of it, one that took no part is undefined. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

export class GoRegexp {
  readonly #regexp: RE2JS;

  /** Throws RegexpError. */
  constructor(pattern: string) {
    this.#regexp = compile(pattern);
  }

  test(text: string): boolean {
    return this.#regexp.test(text);
  }

  /** How many groups there are. */
  get groups(): number {
    return this.#regexp.groupCount();
  }

  /** The first one, or none. */
  first(text: string): Match[] {
    for (const match of this.#matches(text)) return [match];
    return [];
  }

  /** From left to right; nothing is found right behind another match. */
  all(text: string): Match[] {
    const found: Match[] = [];
    for (const match of this.#matches(text)) {
      if (match.start === match.end && match.start === found.at(-1)?.end) continue;
      found.push(match);
    }
    return found;
  }

  *#matches(text: string): Generator<Match> {
    const matcher = this.#regexp.matcher(text);
    while (matcher.find()) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
      yield { start: matcher.start(), end: matcher.end(), groups };
    }
  }
}

/**
 * Time is linear in the size of the program that a pattern becomes, and this engine takes its time over programs that
 * Go's takes at once: beyond this no pattern of good faith goes.
 */
const LONGEST = 20_000;
const MOST_REPEATS = 10_000;

const repeats = (pattern: string): number =>
  [...pattern.matchAll(/(?<!\\x)\{(\d{1,4})(?:,(\d*))?\}/g)].reduce(
    (sum, [, least, most]) => sum + Number(most || least),
    0,
  );

/**
 * Quotations, escapes, classes, and the names of groups, which since Go 1.27 may come twice. A class goes on to the end
 * where nothing closes it, or each bracket would look there again.
 */
const NAMED = /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\\[^]?|\[:\w+:\]|[^\]\\])*\]?|\(\?P?<\w+>/g;

function compile(pattern: string): RE2JS {
  if (pattern.length > LONGEST || repeats(pattern) > MOST_REPEATS)
    throw new RegexpError(`error parsing regexp: expression too large: \`${pattern}\``);
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // Only its kind says so: a message shows the pattern, too.
    if (error instanceof RE2JSSyntaxException && error.error === 'duplicate capture group name') {
      const unnamed = pattern.replace(NAMED, (part) => (part.startsWith('(') ? '(' : part));
      if (unnamed !== pattern) return compile(unnamed);
    }
    const { message } = error;
    throw new RegexpError(message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message);
  }
}

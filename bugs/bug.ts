/**
 * A planted bug: an edit of the source, kept outside it and applied while modules load. The checkers must find it
 * without knowing its name; the unmodified source must pass the same seeds.
 */
export interface Bug {
  /** Kebab-case; what `steamer run --bug` takes. */
  readonly name: string;
  /** The promise it breaks, in a sentence. */
  readonly breaks: string;
  /** Where such a bug has been seen, or why this is where it would live. */
  readonly source: string;
  readonly edits: readonly Edit[];
  /** The stories most likely to show it, in the order to try them. */
  readonly stories: readonly string[];
  /** From this seed on it is caught at once, as long as the source does not change. */
  readonly seed: number;
}

export interface Edit {
  /** Relative to the project's root. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** An edit whose place is gone (or no longer unique): the bug has to be planted anew. */
export class EditDoesNotMatch extends Error {}

/** Applies the edits meant for `file`. Throws EditDoesNotMatch. */
export function applyEdits(bug: Bug, file: string, source: string): string {
  let text = source;
  for (const edit of bug.edits.filter((candidate) => candidate.file === file)) {
    const found = text.split(edit.find).length - 1;
    if (found !== 1)
      throw new EditDoesNotMatch(`bug ${bug.name}: its place occurs ${found} times in ${file}; plant it anew in bugs/`);
    text = text.replace(edit.find, () => edit.replace);
  }
  return text;
}

/** What HCL (version 1) and its JSON form parse to, with the place of everything. */

/** Both from 1; columns count characters. */
export interface HclPosition {
  readonly line: number;
  readonly column: number;
}

export interface HclKey {
  /** Without quotes. */
  readonly text: string;
  readonly position: HclPosition;
}

/** `path "x" { … }` has two keys and no assignment; `a = 1` has one key. JSON counts as assigned. */
export interface HclItem {
  readonly keys: readonly HclKey[];
  /** Where the `=` stands. */
  readonly assigned: HclPosition | undefined;
  readonly value: HclValue;
}

export interface HclObject {
  readonly kind: 'object';
  readonly position: HclPosition;
  readonly items: readonly HclItem[];
}

export interface HclList {
  readonly kind: 'list';
  readonly position: HclPosition;
  readonly items: readonly HclValue[];
}

export interface HclLiteral {
  readonly kind: 'literal';
  readonly type: 'string' | 'heredoc' | 'number' | 'float' | 'bool' | 'null';
  readonly position: HclPosition;
  /** As written. */
  readonly source: string;
  readonly value: string | number | boolean | null;
}

export type HclValue = HclObject | HclList | HclLiteral;

/** Line and column are in the text, as upstream puts them. */
export class HclError extends Error {
  readonly position: HclPosition | undefined;
  constructor(message: string, position?: HclPosition) {
    super(message);
    this.name = 'HclError';
    this.position = position;
  }
}

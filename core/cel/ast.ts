/** Expressions after parsing. `at` is where a mistake in the node is shown. */
import type { CelValue } from './values.ts';

export type Expr =
  | { readonly kind: 'literal'; readonly at: number; readonly value: CelValue }
  | { readonly kind: 'name'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'select';
      readonly at: number;
      readonly operand: Expr;
      readonly field: string;
      readonly mode: 'plain' | 'optional' | 'has';
    }
  | {
      readonly kind: 'call';
      readonly at: number;
      readonly name: string;
      readonly target: Expr | undefined;
      readonly args: readonly Expr[];
    }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Item[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly Entry[] }
  | { readonly kind: 'struct'; readonly at: number; readonly type: string; readonly fields: readonly Field[] }
  | Comprehension
  | {
      readonly kind: 'bind';
      readonly at: number;
      readonly operand: Expr;
      readonly variable: string;
      readonly body: Expr;
      readonly flat: boolean;
    };

export interface Item {
  readonly value: Expr;
  readonly optional: boolean;
}
export interface Entry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly value: Expr;
  readonly optional: boolean;
}

/** all, exists, exists_one, filter, map and sortBy over one variable. */
export interface Comprehension {
  readonly kind: 'comprehension';
  readonly at: number;
  readonly macro: Macro;
  readonly range: Expr;
  readonly variable: string;
  readonly condition: Expr | undefined;
  readonly body: Expr;
}
export type Macro = 'all' | 'exists' | 'exists_one' | 'filter' | 'map' | 'sortBy';

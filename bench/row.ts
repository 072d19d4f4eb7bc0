/** A row of the table that `npm run bench` prints. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** What it is held against in the same run. */
  readonly beside?: { readonly name: string; readonly value: number };
  /** Ours must not be more (or, `atLeast`, not less) than this; undefined: reported only. */
  readonly budget?: { readonly value: number; readonly atLeast?: boolean; readonly goal?: number };
}

/** Whether it keeps its budget. */
export const holds = ({ ours, budget }: Row): boolean =>
  budget === undefined || (budget.atLeast === true ? ours >= budget.value : ours <= budget.value);

/** A bench makes rows, printed as they come. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Too long to run unless asked for. */
  readonly onlyNamed?: boolean;
  run(print: (row: Row) => void): Promise<void>;
}

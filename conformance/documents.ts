/** How what two servers say that they can do differs: their own OpenAPI, operation by operation and field by field. */
import type { Operation } from './operations.ts';

export interface FieldChange {
  readonly operation: string;
  /** Names of body fields; a type change reads 'name: string → integer'. */
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly string[];
}

export interface Documents {
  /** Ids of operations that only the target has. */
  readonly added: readonly string[];
  /** Ids of operations that only the reference has. */
  readonly gone: readonly string[];
  readonly fields: readonly FieldChange[];
}

export function compareDocuments(reference: readonly Operation[], target: readonly Operation[]): Documents {
  const [before, after] = [byId(reference), byId(target)];
  return {
    added: target.filter(({ id }) => !before.has(id)).map(({ id }) => id),
    gone: reference.filter(({ id }) => !after.has(id)).map(({ id }) => id),
    fields: reference.flatMap((one) => {
      const other = after.get(one.id);
      const change = other === undefined ? undefined : fieldChange(one, other);
      return change === undefined ? [] : [change];
    }),
  };
}

const byId = (operations: readonly Operation[]): Map<string, Operation> =>
  new Map(operations.map((operation) => [operation.id, operation]));

function fieldChange(one: Operation, other: Operation): FieldChange | undefined {
  const names = (from: Operation, to: Operation): string[] =>
    Object.keys(from.fields).filter((name) => !Object.hasOwn(to.fields, name));
  const change = {
    operation: one.id,
    added: names(other, one),
    gone: names(one, other),
    changed: [
      ...Object.entries(one.fields)
        .filter(([name, type]) => Object.hasOwn(other.fields, name) && other.fields[name] !== type)
        .map(([name, type]) => `${name}: ${type} → ${other.fields[name]}`),
      ...(one.list === other.list ? [] : [`listing: ${one.list ?? 'no'} → ${other.list ?? 'no'}`]),
    ],
  };
  return change.added.length + change.gone.length + change.changed.length === 0 ? undefined : change;
}

/** What sys/ is refused, as it stands in the log. */
import { Fault } from '../fault.ts';
import type { SystemContext } from './context.ts';

type Fields = Readonly<Record<string, unknown>>;

export function tellFailure({ runtime, mount }: SystemContext, what: string, fields: Fields): void {
  runtime.log.write('error', `secrets.${mount.type}.${mount.accessor}`, what, fields);
}

/** Refusals are told beside being answered. */
export async function telling<T>(
  context: SystemContext,
  what: string,
  fields: Fields,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) tellFailure(context, what, { ...fields, error: error.message });
    throw error;
  }
}

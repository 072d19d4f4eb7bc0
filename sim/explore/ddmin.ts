/**
 * Delta debugging (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002): a part of a set
 * that still fails, and of which nothing can be taken away any more without that it passes.
 */

type Fails<T> = (some: readonly T[]) => Promise<boolean>;

/** `items` has to fail, and none is there twice. No part is asked about twice; the last one that failed is the answer. */
export async function ddmin<T extends string | number>(items: readonly T[], fails: Fails<T>): Promise<readonly T[]> {
  const asked = new Set<string>();
  // What failed was taken at once, and only parts of it are asked about since: what comes again had passed.
  const stillFails = async (some: readonly T[]): Promise<boolean> => {
    const key = some.join(' ');
    if (asked.has(key)) return false;
    asked.add(key);
    return fails(some);
  };
  const firstOf = async (parts: readonly (readonly T[])[]): Promise<readonly T[] | undefined> => {
    for (const part of parts) if (await stillFails(part)) return part;
    return undefined;
  };

  if (items.length === 0 || (await stillFails([]))) return [];
  let left = items;
  let count = 2;
  while (left.length > 1) {
    // What comes last is nearest to the failure.
    const parts = cut(left, count).toReversed();
    const part = await firstOf(parts);
    const rest = part ?? (await firstOf(parts.map((without) => left.filter((item) => !without.includes(item)))));
    if (rest === undefined && count >= left.length) break;
    if (rest === undefined) count = Math.min(left.length, 2 * count);
    else count = part === undefined ? Math.max(2, count - 1) : 2;
    left = rest ?? left;
  }
  return left;
}

/** So many pieces, as equal as can be. */
function cut<T>(items: readonly T[], count: number): T[][] {
  const edge = (piece: number): number => Math.floor((piece * items.length) / count);
  return Array.from({ length: count }, (_, piece) => items.slice(edge(piece), edge(piece + 1)));
}

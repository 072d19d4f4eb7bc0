/** The shortest part of a list that still fails, by leaving out halves, then quarters, then single items (ddmin). */
export async function shortest<T>(items: readonly T[], fails: (part: readonly T[]) => Promise<boolean>): Promise<T[]> {
  let left = [...items];
  for (let size = half(left.length); ;) {
    let shrunk = false;
    for (let at = 0; at < left.length;) {
      const part = [...left.slice(0, at), ...left.slice(at + size)];
      if (part.length < left.length && (await fails(part))) {
        left = part;
        shrunk = true;
      } else at += size;
    }
    if (size === 1 && !shrunk) return left;
    if (size > 1) size = half(Math.min(size, left.length));
  }
}

const half = (count: number): number => Math.max(1, Math.ceil(count / 2));

/** Policies and paths that bump into each other: few names, many patterns. Drawn from a seed alone. */

export interface PolicySample {
  /** Texts of the policies that one token has. */
  readonly policies: readonly string[];
  /** What is asked of them. */
  readonly paths: readonly string[];
}

const CAPABILITIES = ['create', 'read', 'update', 'delete', 'list', 'sudo', 'patch', 'scan'];
const NAMES = ['a', 'b', 'ab', 'secret', 'A'];

/** Numbers below `bound`, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

type Roll = (bound: number) => number;

const pick = <T>(roll: Roll, from: readonly T[]): T => from[roll(from.length)]!;

function path(roll: Roll, pattern: boolean): string {
  const segments = Array.from({ length: 1 + roll(4) }, () => (pattern && roll(4) === 0 ? '+' : pick(roll, NAMES)));
  const text = segments.join('/');
  if (!pattern) return roll(5) === 0 ? `${text}/` : roll(12) === 0 ? `/${text}` : text;
  const end = roll(8);
  return text + (end === 0 ? '*' : end === 1 ? '/*' : end === 2 ? '/' : '');
}

function rule(roll: Roll): string {
  const at = path(roll, true);
  // Upstream refuses a star right behind a plus.
  const shown = at.replace(/\+\*$/, '+');
  if (roll(12) === 0) return `path "${shown}" { policy = "${pick(roll, ['read', 'write', 'deny', 'sudo'])}" }`;
  const own = CAPABILITIES.filter(() => roll(3) === 0);
  const names = roll(15) === 0 ? [...own, 'deny'] : own;
  return `path "${shown}" { capabilities = [${names.map((name) => `"${name}"`).join(', ')}] }`;
}

export function policySamples(seed: number, count: number): PolicySample[] {
  const roll = dice(seed);
  return Array.from({ length: count }, () => ({
    policies: Array.from({ length: 1 + roll(3) }, () =>
      Array.from({ length: 1 + roll(6) }, () => rule(roll)).join('\n'),
    ),
    paths: [...new Set(Array.from({ length: 40 }, () => path(roll, false)))],
  }));
}

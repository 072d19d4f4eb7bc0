/** A plan as a story that a reader can edit: what reenact() does, line by line. */
import { formatDuration } from '../core/codec/duration.ts';
import type { Micros } from '../core/runtime.ts';
import { waysOf } from './deeds.ts';
import type { Plan } from './plan.ts';
import { afterwards, BEFORE, CLIENTS } from './play.ts';

interface Script {
  readonly name: string;
  /** What the logs told, a line each. */
  readonly about: readonly string[];
  /** For how long at the most nobody may be active. */
  readonly most: Micros;
  /** Where the story imports its words from. */
  readonly from?: string;
}

export function scriptOf(plan: Plan, { name, about, most, from = 'bao-steamer/story' }: Script): string {
  const words = new Set(['ActiveWatch', 'kv', 'scenario']);
  const body: string[] = [];
  let now: Micros = 0;
  const names = variables(plan);
  for (const { at, what, fault, note, others } of plan.deeds) {
    if (at > now) body.push(`await sim.run('${formatDuration(at - now)}');`);
    now = at;
    body.push(`// ${note}`);
    const variable = names[fault]!;
    if (what === plan.faults[fault]!.kind) {
      const role = plan.faults[fault]!.active ? 'foremost' : 'hindmost';
      words.add(role);
      body.push(`const ${variable} = ${role}(${['bao', ...others.map((each) => names[each]!)].join(', ')});`);
    }
    if (what === 'open') words.add('openNode');
    for (const way of waysOf(what, plan.faults[fault]!.kind)) body.push(way.line(variable));
  }
  const lines = [
    'const bao = await sim.cluster(' + clusterText(plan) + ');',
    'const active = new ActiveWatch(sim, bao);',
    "await bao.mount('secret', 'kv-v2');",
    `bao.workload(kv.putAndGet(${literal(CLIENTS)}));`,
    `await sim.run('${BEFORE}');`,
    '',
    ...body,
    '',
    ...(plan.whole ? ['await bao.ready();'] : []),
    `await sim.run('${afterwards(plan)}');`,
    '// For how long nobody was active, in microseconds; what was simulated took two thirds of it at the most.',
    `expect(active.longest).toBeAtMost(${String(most).replace(/\B(?=(\d{3})+$)/g, '_')});`,
  ];
  words.add('expect');
  return [
    `import { ${[...words].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)).join(', ')} } from '${from}';`,
    '',
    '/**',
    ...about.map((line) => ` * ${line}`.trimEnd()),
    ' */',
    `scenario('${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}', { minimum: ${minimumText(plan)}, limit: '24h', unknown: 100 }, async (sim) => {`,
    ...lines.map((line) => (line === '' ? '' : `  ${line}`)),
    '});',
    '',
  ].join('\n');
}

function clusterText({ nodes, multiplier, oneMachine, profile, shares }: Plan): string {
  return literal({
    nodes,
    multiplier,
    ...(oneMachine ? { oneMachine } : {}),
    ...(profile === undefined ? {} : { profile }),
    ...(shares ? { seal: 'shamir' } : {}),
  });
}

/** Faults that the story's own words do; a node that is asked to let go is none, but its place is taken. */
function minimumText({ faults }: Plan): string {
  const struck = faults.filter(({ kind }) => kind !== 'step-down' && kind !== 'seal').length;
  return literal(struck > 0 ? { faults: struck } : { elections: 1 });
}

const literal = (value: Readonly<Record<string, string | number | boolean>>): string =>
  `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${typeof item === 'string' ? `'${item}'` : String(item)}`)
    .join(', ')} }`;

/** A name for the node of each fault: what it is called in the log, told apart where it was struck more than once. */
function variables({ faults }: Plan): string[] {
  const used = new Map<string, number>();
  return faults.map(({ node }) => {
    const plain = node.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
    const base = /^[A-Za-z]/.test(plain) ? plain : `node${plain}`;
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    return count === 1 ? base : `${base}Again${count === 2 ? '' : count - 1}`;
  });
}

/** `steamer conform`: holds one server against another and tells where a client would see a difference. */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from '../../conformance/case.ts';
import { loadCases, loadOlderCases, printCase } from '../../conformance/case.ts';
import type { CaseResult, Report } from '../../conformance/conform.ts';
import { conform, live, recorded } from '../../conformance/conform.ts';
import { compareDocuments } from '../../conformance/documents.ts';
import { changesText, sections } from '../../conformance/report/changes.ts';
import type { Source } from '../../conformance/conform.ts';
import { fieldCases } from '../../conformance/fields.ts';
import { askOperations } from '../../conformance/operations.ts';
import { probeCases } from '../../conformance/probes.ts';
import { htmlReport } from '../../conformance/report/html.ts';
import { differsFromRecording, loadOperations, saveOperations, saveRecording } from '../../conformance/recording.ts';
import { jsonReport } from '../../conformance/report/json.ts';
import { junitReport } from '../../conformance/report/junit.ts';
import { absentText, differenceText, summaryTable } from '../../conformance/report/table.ts';
import { keepOpen } from '../../conformance/open.ts';
import type { Operation } from '../../conformance/operations.ts';
import type { Target } from '../../conformance/targets/target.ts';
import { TargetError, openTarget } from '../../conformance/targets/target.ts';
import { UsageError, parseFlags } from '../flags.ts';

const usage = `Usage: steamer conform --target TARGET --against TARGET [options]

A TARGET is ours, ours:program, program:VERSION or just VERSION (the bao program), container:VERSION, or
https://ADDRESS (an active server started with -dev, its token in BAO_TOKEN). Each case is played on fresh servers of
both; the server behind an address is the same for all, tidied after each case and never sealed.

  --target T      what is held (default ours)
  --against T     the reference (default program:2.7.2); also recorded:VERSION
  --area NAME     only this area (sys, token, kv, …); cluster: scripts for whole clusters, ours simulated
  --case NAME     only this case (kv/versions, kv/probes, …)
  --no-probes     only cases written by hand
  --fields        instead of cases: what they ask with success, again with every documented field sent right, of a
                  wrong type, empty and extreme
  --places N      at so many places each, with other fields beside (default 1)
  --record VERSION  keep what --against answers in conformance/recordings/VERSION instead of comparing
  --keep-open     write down what still differs in conformance/open.txt, which npm test puts up with
  --sessions N    instead of cases: N generated sessions side by side (with --area: mostly of that one); each that
                  differs is shrunk, unless an earlier one has shown the same
  --coverage      after sessions: which operations and fields they came to, and why not to the others
  --seed N        of the sessions (default: drawn)
  --save DIR      where sessions that differ are kept as cases, SEED-SESSION.case (default conformance/cases/found)
  --summary       what is different told once at the end, instead of every difference: what changed between versions
  --quiet         no differences on the terminal
  --json FILE     the result for programs
  --junit FILE    the result as JUnit XML
  --html FILE     one page: a matrix of operations, each cell opening its differences

Exit code: 0 same (or not implemented), 1 differences, 2 a target is missing or died (what was found till then is kept).`;

const known = {
  target: 'string',
  against: 'string',
  area: 'string',
  case: 'string',
  'no-probes': 'boolean',
  fields: 'boolean',
  places: 'integer',
  'keep-open': 'boolean',
  sessions: 'integer',
  coverage: 'boolean',
  seed: 'integer',
  save: 'string',
  quiet: 'boolean',
  summary: 'boolean',
  record: 'string',
  json: 'string',
  junit: 'string',
  html: 'string',
} as const;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, known);
  if (flags.rest.length > 0) throw new UsageError(`unexpected argument: ${flags.rest[0]}`);
  try {
    return await run(flags);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    console.error(error.message);
    return 2;
  }
}

type Flags = ReturnType<typeof parseFlags>;

async function run(flags: Flags): Promise<number> {
  const token = process.env['BAO_TOKEN'];
  const reference = flags.string('against') ?? 'program:2.7.2';
  const version = /^recorded:(.+)$/.exec(reference)?.[1];
  const opened: Target[] = [];
  const open = async (spec: string): Promise<Target> => {
    const target = await openTarget(spec, token);
    opened.push(target);
    return target;
  };
  try {
    const against = version === undefined ? await open(reference) : undefined;
    if (areaOf(flags) === 'cluster') return await clusters(flags, reference);
    const sessions = flags.integer('sessions');
    if (sessions !== undefined) {
      if (against === undefined) throw new UsageError('--sessions wants a server to hold against');
      return await generated(sessions, await open(flags.string('target') ?? 'ours'), against, flags);
    }
    const all = against === undefined ? loadOperations(version!) : await askOperations(against);
    const { cases, operations } = chosen(flags, all);
    const record = flags.string('record');
    if (record !== undefined) {
      if (against === undefined) throw new UsageError('--record wants a server to ask');
      return await keep(record, live(against), cases, all);
    }
    const target = await open(flags.string('target') ?? 'ours');
    const documents = compareDocuments(operations, (await askOperations(target)).filter(inArea(flags)));
    const report = await conform(
      live(target),
      against === undefined ? recorded(version!) : live(against),
      cases,
      operations,
      { done: progress(flags), documents },
    );
    if (flags.boolean('keep-open')) keepOpen(report.cases);
    return await tell(report, flags);
  } finally {
    for (const target of opened) await target.close();
  }
}

async function clusters(flags: Flags, against: string): Promise<number> {
  const { conformClusters } = await import('../../conformance/clusters/conform.ts');
  const { scriptNames } = await import('../../conformance/clusters/script.ts');
  const wanted = flags.string('case')?.split('/')[1];
  const names = scriptNames().filter((name) => wanted === undefined || name === wanted);
  if (names.length === 0) throw new UsageError(`no such case or area: cluster/${wanted}`);
  const target = flags.string('target') ?? 'ours';
  return await tell(await conformClusters(names, { target, against, done: progress(flags) }), flags);
}

/** A line a case as it is done. */
const progress =
  (flags: Flags) =>
  ({ name, steps, differences, broken }: CaseResult): void => {
    const end = broken === undefined ? '' : `; ${broken}`;
    console.log(`${name}: ${steps} requests, ${differences.length} differences${end}`);
    if (flags.boolean('quiet') || flags.boolean('summary')) return;
    for (const difference of differences) console.log(differenceText(difference));
  };

async function tell(report: Report, flags: Flags): Promise<number> {
  if (flags.boolean('summary')) console.log(`\n${changesText(report)}`);
  console.log(`\n${[summaryTable(report), absentText(report)].join('\n').trim()}`);
  await write(report, flags);
  return exitCode(report);
}

async function generated(count: number, target: Target, against: Target, flags: Flags): Promise<number> {
  const { AREAS } = await import('../../conformance/sessions/commands.ts');
  const { findDifferences } = await import('../../conformance/sessions/sessions.ts');
  const area = flags.string('area');
  if (area !== undefined && !AREAS.includes(area)) {
    throw new UsageError(`no sessions of ${area}; --area takes ${AREAS.join(', ')}`);
  }
  const seed = flags.integer('seed') ?? randomInt(2 ** 31);
  const { Coverage } = await import('../../conformance/sessions/coverage.ts');
  const operations = await askOperations(against);
  const coverage = flags.boolean('coverage') ? new Coverage(operations.filter(inArea(flags))) : undefined;
  const started = performance.now();
  const folder = flags.string('save') ?? fileURLToPath(new URL('../../conformance/cases/found', import.meta.url));
  let different = 0;
  for await (const { session, differences, shown } of findDifferences(target, against, {
    count,
    seed,
    area,
    operations,
    coverage,
  })) {
    different += 1;
    if ('earlier' in shown) {
      console.log(`session ${session}: as session ${shown.earlier}`);
      continue;
    }
    const file = join(folder, `${seed}-${session}.case`);
    await mkdir(folder, { recursive: true });
    await writeFile(file, printCase(`Found by a generated session, seed ${seed}`, shown.steps));
    console.log(`session ${session}: shrunk to ${shown.steps.length} requests, ${file}`);
    for (const difference of differences) console.log(differenceText(difference));
  }
  if (coverage !== undefined) console.log(coverage.text());
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const end = different === 0 ? 'no difference' : `${different} differ`;
  console.log(`${count} sessions, ${end} (--seed ${seed}, ${took})`);
  return different === 0 ? 0 : 1;
}

/** The area that was asked for, by itself or with a case. */
const areaOf = (flags: Flags): string | undefined => flags.string('area') ?? flags.string('case')?.split('/')[0];

const inArea =
  (flags: Flags) =>
  ({ area }: Operation): boolean =>
    (areaOf(flags) ?? area) === area;

function chosen(flags: Flags, all: readonly Operation[]): { cases: readonly Case[]; operations: readonly Operation[] } {
  const name = flags.string('case');
  const area = areaOf(flags);
  const operations = all.filter(inArea(flags));
  const probes = flags.boolean('no-probes') || flags.boolean('fields') ? [] : probeCases(operations);
  const specs = [flags.string('against') ?? '', flags.string('target') ?? ''];
  const versions = specs.flatMap((spec) => /(?:^|:)(\d+\.\d+\.\d+)$/.exec(spec)?.[1] ?? []);
  const older = [...new Set(versions)].flatMap((version) => loadOlderCases(version, area));
  const wanted = [...loadCases(area), ...older, ...probes].filter(
    (played) => name === undefined || played.name === name,
  );
  const cases = flags.boolean('fields') ? fieldCases(wanted, all, flags.integer('places')) : wanted;
  if (cases.length === 0) throw new UsageError(`no such case or area: ${name ?? area ?? ''}`);
  return { cases, operations };
}

async function keep(
  version: string,
  against: Source,
  cases: readonly Case[],
  all: readonly Operation[],
): Promise<number> {
  await saveOperations(version, all);
  for (const played of cases) {
    const { exchanges, broken } = await against.play(played);
    if (broken !== undefined) {
      console.error(broken);
      return 2;
    }
    // Seconds that are left of a lifetime are no reason to write it down anew.
    const news = differsFromRecording(version, played, exchanges);
    if (news) await saveRecording(version, played.name, exchanges);
    console.log(`${played.name}: ${exchanges.length} requests${news ? '' : ', as before'}`);
  }
  return 0;
}

async function write(report: Report, flags: Flags): Promise<void> {
  const writers = { json: jsonReport, junit: junitReport, html: htmlReport };
  for (const [name, print] of Object.entries(writers)) {
    const file = flags.string(name);
    if (file !== undefined) await writeFile(file, print(report));
  }
}

/** A difference that belongs to no operation counts as much as one that does; only what is not implemented does not. */
function exitCode(report: Report): number {
  if (report.cases.some(({ broken }) => broken !== undefined)) return 2;
  return sections(report).length > 0 ? 1 : 0;
}

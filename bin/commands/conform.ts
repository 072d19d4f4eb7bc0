/** `steamer conform`: holds one server against another and tells where a client would see a difference. */
import { writeFile } from 'node:fs/promises';
import type { Case } from '../../conformance/case.ts';
import { loadCases } from '../../conformance/case.ts';
import type { Report } from '../../conformance/conform.ts';
import { conform } from '../../conformance/conform.ts';
import { askOperations } from '../../conformance/operations.ts';
import { probeCases } from '../../conformance/probes.ts';
import { htmlReport } from '../../conformance/report/html.ts';
import { jsonReport } from '../../conformance/report/json.ts';
import { junitReport } from '../../conformance/report/junit.ts';
import { differenceText, summaryTable } from '../../conformance/report/table.ts';
import { TargetError, openTarget } from '../../conformance/targets/target.ts';
import { UsageError, parseFlags } from '../flags.ts';

const usage = `Usage: steamer conform --target TARGET --against TARGET [options]

A TARGET is ours, ours:program, program:VERSION (the bao program), container:VERSION, or https://ADDRESS
(token in BAO_TOKEN). Each case is played on fresh servers of both.

  --target T      what is held (default ours)
  --against T     the reference (default program:2.7.2)
  --area NAME     only this area (sys, token, kv, …)
  --case NAME     only this case (kv/versions, kv/probes, …)
  --no-probes     only cases written by hand
  --quiet         no differences on the terminal
  --json FILE     the result for programs
  --junit FILE    the result as JUnit XML
  --html FILE     one page: a matrix of operations, each cell opening its differences

Exit code: 0 same (or not implemented), 1 differences, 2 a target is missing or died.`;

const known = {
  target: 'string',
  against: 'string',
  area: 'string',
  case: 'string',
  'no-probes': 'boolean',
  quiet: 'boolean',
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

async function run(flags: ReturnType<typeof parseFlags>): Promise<number> {
  const token = process.env['BAO_TOKEN'];
  const target = await openTarget(flags.string('target') ?? 'ours', token);
  const against = await openTarget(flags.string('against') ?? 'program:2.7.2', token);
  try {
    const area = flags.string('area');
    const operations = (await askOperations(against)).filter(
      (operation) => area === undefined || operation.area === area,
    );
    const wanted = flags.string('case');
    const probes = flags.boolean('no-probes') ? [] : probeCases(operations);
    const cases: Case[] = [...loadCases(area), ...probes].filter(({ name }) => wanted === undefined || name === wanted);
    if (cases.length === 0) throw new UsageError(`no case for ${area ?? ''} ${wanted ?? ''}`.trim());
    const report = await conform(target, against, cases, operations, {
      done: ({ name, steps, differences, broken }) => {
        console.log(
          `${name}: ${steps} requests, ${differences.length} differences${broken === undefined ? '' : `; ${broken}`}`,
        );
        if (!flags.boolean('quiet')) for (const difference of differences) console.log(differenceText(difference));
      },
    });
    console.log(`\n${summaryTable(report)}`);
    await write(report, flags);
    return exitCode(report);
  } finally {
    await target.close();
    await against.close();
  }
}

async function write(report: Report, flags: ReturnType<typeof parseFlags>): Promise<void> {
  const writers = { json: jsonReport, junit: junitReport, html: htmlReport };
  for (const [name, print] of Object.entries(writers)) {
    const file = flags.string(name);
    if (file !== undefined) await writeFile(file, print(report));
  }
}

function exitCode({ cases, rows }: Report): number {
  if (cases.some(({ broken }) => broken !== undefined)) return 2;
  const known = new Set(
    rows.filter(({ verdict }) => verdict === 'not implemented').map(({ operation }) => operation.id),
  );
  const differs = rows.some(({ verdict }) => verdict === 'differs');
  return differs || (known.size === 0 && cases.some(({ differences }) => differences.length > 0)) ? 1 : 0;
}

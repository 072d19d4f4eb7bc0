/** `steamer fuzz`: bent requests on two servers; what the two answer otherwise is told. */
import { randomInt } from 'node:crypto';
import { loadCases } from '../../conformance/case.ts';
import { live } from '../../conformance/conform.ts';
import { type Found, foundText, fuzz, kindOf } from '../../conformance/fuzz/fuzz.ts';
import type { InputsOptions } from '../../conformance/fuzz/inputs/fuzz-inputs.ts';
import { askOperations } from '../../conformance/operations.ts';
import type { Target } from '../../conformance/targets/target.ts';
import { openTarget, TargetError } from '../../conformance/targets/target.ts';
import { UsageError, parseFlags } from '../flags.ts';
import { wholeNumber } from '../run/choices.ts';

const usage = `Usage: steamer fuzz [options]

Plays the conformance cases on both servers, and among their requests the same ones bent in one place or two (method,
path, query, headers, fields and what is in them, body). What the two answer otherwise, or what a bent request has left
otherwise, is told once a kind.

With --inputs no server is asked: everything that reads what comes from outside (keys, certificates, tokens, policies,
configurations, templates, programs …) is given bent samples, and inputs of a megabyte; it has to give a value or its own
refusal.

With --documents both servers are sent bent certificates, requests, lists, keys, tokens, templates and programs, wherever
they read them; what they answer has to be equal.

  --documents N   how many bent documents a kind
  --kind NAME     only those whose name begins so

  --inputs N      how many bent inputs a reader
  --reader NAME   only this one

  --target T      what is fuzzed (default ours); as of steamer conform
  --against T     the reference (default program:2.7.2)
  --requests N    how many bent ones, about (default 2000)
  --seed N        of the bending (default: drawn)
  --area NAME     only cases of this area (sys, token, kv, …)
  --case NAME     only this case

Exit code: 0 nothing differs or failed, 1 differences, failures or memory that grew, 2 a target is missing.`;

type Flags = ReturnType<typeof parseFlags>;

/** What a process of ours may grow by over a long haul, in MiB; servers come and go within it. */
const GROWTH = 300;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, {
    target: 'string',
    against: 'string',
    requests: 'string',
    seed: 'string',
    area: 'string',
    case: 'string',
    inputs: 'string',
    reader: 'string',
    documents: 'string',
    kind: 'string',
  });
  const count = wholeNumber(flags, 'requests', 2_000, 1);
  const seed = wholeNumber(flags, 'seed', randomInt(2 ** 31));
  if (flags.string('inputs') !== undefined) {
    return fuzzInputs({ count: wholeNumber(flags, 'inputs', 1, 1), seed }, flags.string('reader'));
  }
  const opened: Target[] = [];
  try {
    for (const spec of [flags.string('target') ?? 'ours', flags.string('against') ?? 'program:2.7.2'])
      opened.push(await openTarget(spec, process.env['BAO_TOKEN']));
    const [target, against] = opened as [Target, Target];
    if (flags.string('documents') !== undefined) {
      return await documents(target, against, wholeNumber(flags, 'documents', 1, 1), seed, flags.string('kind') ?? '');
    }
    return await requests(target, against, flags, count, seed);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    for (const target of opened) await target.close();
  }
}

async function requests(target: Target, against: Target, flags: Flags, count: number, seed: number): Promise<number> {
  const only = flags.string('case');
  const operations = await askOperations(against);
  const cases = loadCases(flags.string('area') ?? only?.split('/')[0]).filter(
    ({ name, server }) => server === 'dev' && name === (only ?? name),
  );
  if (cases.length === 0) throw new UsageError(`no cases of ${only ?? flags.string('area')}`);
  const started = performance.now();
  let before: number | undefined;
  const kinds = new Map<string, number>();
  let played = 0;
  const done = (found: readonly Found[], left: number): void => {
    // What is loaded once is loaded by then.
    if (++played >= left / 3) before ??= residentMiB();
    for (const one of found) {
      const kind = kindOf(one);
      if (!kinds.has(kind)) console.log(`${kinds.size + 1}. ${foundText(one)}`);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  };
  const { sent, found } = await fuzz(live(target), live(against), cases, operations, { count, seed, done });
  for (const [at, times] of [...kinds.values()].entries()) if (times > 1) console.log(`${at + 1}. ${times} times`);
  const grown = residentMiB() - (before ?? residentMiB());
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${sent} requests, ${found.length} differences of ${kinds.size} kinds, memory ${grown >= 0 ? '+' : ''}${grown} MiB (--seed ${seed}, ${seconds} s)`,
  );
  return found.length === 0 && grown < GROWTH ? 0 : 1;
}

async function documents(target: Target, against: Target, count: number, seed: number, only: string): Promise<number> {
  // With what only development needs.
  const { documentKinds, fuzzDocuments, unlikeText } = await import('../../conformance/fuzz/documents/documents.ts');
  const kinds = documentKinds.filter(({ name }) => name.startsWith(only));
  let found = 0;
  await fuzzDocuments(target, against, {
    count,
    seed,
    kinds,
    done: ({ name }, { sent, taken, unlike, known }) => {
      found += unlike.length;
      const put = [...known].map(([why, times]) => `, ${times} × ${why}`).join('');
      console.log(`${name}: ${sent} sent, ${taken} taken, ${unlike.length} differences${put}`);
      for (const one of unlike) console.log(unlikeText(one));
    },
  });
  console.log(`${kinds.length} kinds, ${found} differences (--seed ${seed})`);
  return found === 0 ? 0 : 1;
}

/** Of what is read at once. */
const MEGABYTE = 1_000_000;

async function fuzzInputs(options: InputsOptions, only: string | undefined): Promise<number> {
  // With what only development needs.
  const { fuzzReader, readHuge } = await import('../../conformance/fuzz/inputs/fuzz-inputs.ts');
  const { inputReaders } = await import('../../conformance/fuzz/inputs/readers.ts');
  const readers = (await inputReaders()).filter(({ name }) => name === (only ?? name));
  if (readers.length === 0) {
    console.error(`no reader is called ${only}`);
    return 2;
  }
  let failures = 0;
  for (const reader of readers) {
    const bent = fuzzReader(reader, options);
    const huge = readHuge(reader, MEGABYTE);
    const wrong = [bent.failure, huge.failure].filter((failure) => failure !== undefined);
    failures += wrong.length;
    const slowest = `slowest ${bent.slowest.toFixed(0)} ms, of a megabyte ${huge.slowest.toFixed(0)} ms`;
    console.log(`${reader.name}: ${options.count} bent, ${slowest}${wrong.length === 0 ? '' : ', FAILED'}`);
    for (const failure of wrong) console.log(`  ${failure}`);
  }
  console.log(`${readers.length} readers, ${failures} failures (--seed ${options.seed})`);
  return failures === 0 ? 0 : 1;
}

const residentMiB = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);

/** Our program and the real one over the same configurations: exit codes, what ends them, and what they warn of. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { throwAwayCertificate } from '../fixtures/certificate.ts';
import { baoProgram } from '../program.ts';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

interface Section {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
  readonly text: string;
}

const sections = (
  await Promise.all(
    ['storage-and-top', 'listeners', 'addresses'].map((name) =>
      readFile(new URL(`${name}.txt`, import.meta.url), 'utf8'),
    ),
  )
).flatMap((text) => text.split(/^### /m).slice(1).map(sectionOf));

function sectionOf(text: string): Section {
  const end = text.indexOf('\n');
  const [name = '', ...words] = text.slice(0, end).split(' ');
  const options = words.map((word): [string, string] => {
    const equals = word.indexOf('=');
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
  return { name, options: new Map(options), text: text.slice(end + 1) };
}

let bao: string;
let cert: string;
let key: string;

beforeAll(async () => {
  bao = await baoProgram('2.7.2');
  ({ pem: cert, keyPem: key } = throwAwayCertificate('localhost', { hosts: ['localhost'] }));
}, 300_000);

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
}

async function outcome(command: readonly string[], { name, options, text }: Section): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  try {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'cert.pem'), cert);
    await writeFile(join(folder, 'key.pem'), key);
    const file = join(folder, `${name.replace(/\W/g, '_').slice(0, 20)}.${options.get('ext') ?? 'hcl'}`);
    await writeFile(file, text.replaceAll('@DIR', folder));
    const flags = (options.get('flags') ?? '-test-server-config').split(',');
    const variables = (options.get('env') ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split(/:(.*)/s).slice(0, 2));
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      ...(Object.fromEntries(variables) as Record<string, string>),
    };
    const [program = '', ...head] = command;
    return await new Promise((resolve) => {
      execFile(
        program,
        [...head, 'server', `-config=${file}`, ...flags],
        { env, timeout: 30_000 },
        (error, out, err) => {
          const printed = `${out}\n${err}`.replaceAll(folder, '@DIR').replaceAll(/@DIR\/\w+\.(hcl|json)/g, '@CONFIG');
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), lines: told(printed) });
        },
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What both say of the configuration, in an order that does not matter; the build and a missing api_addr aside. */
function told(printed: string): readonly string[] {
  const passed =
    /\[(INFO|DEBUG|TRACE)\]|^==> |^\s*(Cgo|Go Version|Version|Version Sha|Environment Variables):|^Error parsing listener configuration\.$|no `api_addr` value specified/;
  return printed
    .split('\n')
    .map((line) =>
      line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '').replace(/cluster address: "(.*?):\d+"/, 'cluster address: "$1"'),
    )
    .map((line) => line.trim())
    .filter((line) => line !== '' && !passed.test(line))
    .sort();
}

test.each(sections.map((section) => [section.name, section] as const))(
  '%s',
  async (_, section) => {
    const [real, ours] = await Promise.all([outcome([bao], section), outcome([process.execPath, steamer], section)]);
    expect(ours).toEqual(real);
  },
  60_000,
);

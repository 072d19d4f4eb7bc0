import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { hostLog } from '../host/log.ts';
import { startServer } from '../host/server.ts';

const program = fileURLToPath(new URL('steamer.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'steamer-bad-'));
const at = (name: string): string => join(folder, name);
const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function steamer(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, STEAMER_DEBUG: '', HOME: folder };
    execFile(process.execPath, [program, ...words], { env, timeout: 60_000, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

async function expectLine(words: readonly string[], line: string, code = 1): Promise<void> {
  expect(await steamer(...words)).toMatchObject({ code, stderr: `${line}\n` });
}

test.each(['steamer.ts', 'steamer.mjs'])('%s names the Node that it needs to one that is too old', async (name) => {
  const old = 'data:text/javascript,import module from "node:module"; delete module.registerHooks;';
  const file = fileURLToPath(new URL(name, import.meta.url));
  const ended = promisify(execFile)(process.execPath, ['--import', old, file, 'help'], { cwd: folder });
  await expect(ended).rejects.toMatchObject({
    code: 1,
    stderr: `steamer: needs Node 22.18 or newer, and this is ${process.version}\n`,
  });
});

const raft = (path: string): string => `
storage "raft" { path = "${path}" node_id = "a" performance_multiplier = 1 }
listener "tcp" { address = "127.0.0.1:0" tls_disable = true }
cluster_addr = "https://127.0.0.1:1"
api_addr = "http://127.0.0.1:2"
`;
const inmem = (listener: string): string => `storage "inmem" {}\nlistener "tcp" { ${listener} }\n`;

let busy: ReturnType<typeof createServer>;
let busyPort = 0;

beforeAll(async () => {
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  busyPort = (busy.address() as AddressInfo).port;
});
afterAll(() => {
  busy.close();
  rmSync(folder, { recursive: true });
});

const capsule = {
  steamer: version,
  file: 'a.scenario.ts',
  scenario: 'a',
  seed: 1,
  hash: '0',
  verdict: 'passed',
  options: {},
};

describe.concurrent('one line says what is wrong on the command line', () => {
  test.each<[string[], string, number?]>([
    [['nosuch'], 'steamer: unknown command "nosuch"; "steamer help" lists them', 127],
    [['server', '-nosuch'], 'flag provided but not defined: -nosuch'],
    [['server'], 'Must specify at least one config path using -config'],
    [['server', '-dev', '-log-level=loud'], 'unknown log level: loud'],
    [
      ['server', '-dev', '-dev-no-store-token', '-dev-listen-address=nohost'],
      'Error initializing listener of type tcp: listen tcp: address nohost: missing port in address',
    ],
    [['run', '--nosuch'], 'flag provided but not defined: -nosuch'],
    [['run', '--seed', 'x'], '--seed x: give a whole number of at least 0, e.g. --seed 42'],
    [['run', '--seed', '1.5'], '--seed 1.5: give a whole number of at least 0, e.g. --seed 42'],
    [['run', '--seed'], 'flag needs an argument: -seed'],
    [
      ['run', fileURLToPath(new URL('../scenarios/failover', import.meta.url)), '--junit', 'nowhere/x.xml'],
      '--junit nowhere/x.xml: cannot be written (ENOENT)',
    ],
    [['matrix', '--node', '/nowhere/node'], '--node: no Node that runs: spawn /nowhere/node ENOENT'],
    [
      ['run', 'nothere.scenario.ts'],
      'nothere.scenario.ts: no such file or folder; name a *.scenario.ts file or a folder of them',
    ],
    [['run', '--without', '3-1'], '--without 3-1: give numbers and spans of them, e.g. --without 3,5-9'],
    [['shrink'], 'Usage: steamer shrink CAPSULE, or: steamer shrink [options] FILE'],
    [['shrink', 'a.json', '--seed', '1'], 'a.json: a capsule says itself how it is played; no flags beside it'],
    [['shrink', 'a.json'], 'a.json: cannot be read; name a *.capsule.json that steamer run has written'],
    [['replay'], 'Usage: steamer replay CAPSULE'],
    [['replay', 'nothere'], 'nothere: cannot be read; name a *.capsule.json that steamer run has written'],
  ])('%j', async (words, line, code) => expectLine(words, line, code));
});

describe.concurrent('one line says what is wrong with a file', () => {
  test.each([
    ['broken.scenario.ts', 'const x = ;', /^broken\.scenario\.ts: does not load: [^\n]+\n$/],
    ['thrown.scenario.ts', "throw new Error('no\\nluck');", /^thrown\.scenario\.ts: does not load: no\n$/],
    ['empty.scenario.ts', '', /^empty\.scenario\.ts: tells no story; [^\n]+\n$/],
  ])('%s', async (name, text, line) => {
    await writeFile(at(name), text);
    const { code, stderr } = await steamer('run', name);
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
  });

  test.each([
    ['passes', ['shrink'], "await sim.run('1s');", 'seed 1: the run passes; there is nothing to shrink'],
    [
      'needs-none',
      ['shrink'],
      "throw new Error('always');",
      'seed 1: it fails, but no fault comes before that could be left out',
    ],
    [
      'does-nothing',
      ['shrink'],
      'sim.atLeast({ faults: 1 });',
      'seed 1: too little happens (only 0 of 1 faults that bit); fewer faults do not tell why',
    ],
    [
      'has-one',
      ['run', '--without', '1-2'],
      "const bao = sim.prepare({ nodes: 1 }); sim.at('1s', 'kill', () => bao.kill('n1')); await sim.run('2s');",
      '--without 2: the run can be played without its faults 1 to 1',
    ],
    [
      'many',
      ['run', '--seeds', '2', '--without', '1'],
      '',
      '--without wants a single run, whose faults have these numbers: one story and one seed',
    ],
  ])('a story that %s', async (name, words, body, line) => {
    const story = fileURLToPath(new URL('../sim/story.ts', import.meta.url));
    const file = `${name}.scenario.ts`;
    await writeFile(
      at(file),
      `import { scenario } from ${JSON.stringify(story)};\nscenario('it', async (sim) => { ${body} });`,
    );
    await expectLine([...words, file], line);
  });

  test('a rejection that nobody waits for is the verdict over the run, and not the end of the program', async () => {
    const story = fileURLToPath(new URL('../sim/story.ts', import.meta.url));
    const text = `import { scenario } from ${JSON.stringify(story)};
scenario('forgotten', {}, async (sim) => {
  void Promise.reject(new Error('forgotten'));
  await sim.run('1s');
});`;
    await writeFile(at('forgotten.scenario.ts'), text);
    const { code, stdout } = await steamer('run', 'forgotten.scenario.ts', '--seeds', '2', '--json');
    expect(code).toBe(1);
    const runs = stdout.trim().split('\n');
    expect(runs).toHaveLength(2);
    for (const run of runs) expect(run).toContain('"checker":"no panics"');
  });

  test.each([
    ['truncated', JSON.stringify(capsule).slice(0, 40), 'the capsule is not JSON'],
    [
      'foreign',
      JSON.stringify({ ...capsule, steamer: '9.9.9' }),
      `the capsule is from version 9.9.9, this is ${version}`,
    ],
    ['seedless', JSON.stringify({ ...capsule, seed: 'x' }), 'the capsule has no seed'],
  ])('a capsule that is %s', async (name, text, line) => {
    await writeFile(at(`${name}.capsule.json`), text);
    await expectLine(['replay', `${name}.capsule.json`], `${name}.capsule.json: ${line}`);
  });

  test.each<[string, string, string | ((file: string) => string)]>([
    [
      'unclosed',
      'listener "tcp" {\n',
      (file) => `error loading configuration from ${file}: At 2:2: object expected closing RBRACE got: EOF`,
    ],
    [
      'unknown-storage',
      `storage "nosuch" {}\nlistener "tcp" { address = "127.0.0.1:0" tls_disable = 1 }`,
      'unknown storage type nosuch',
    ],
    ['no-cluster', raft('x').replace(/cluster_addr.*/, ''), 'cluster address must be set when using raft storage'],
    [
      'no-cert',
      inmem(`address = "127.0.0.1:0" tls_cert_file = "/nothere" tls_key_file = "/nothere"`),
      'Error initializing listener of type tcp: error loading TLS cert: open /nothere: no such file or directory',
    ],
    [
      'bad-cert',
      inmem(`address = "127.0.0.1:0" tls_cert_file = "${program}" tls_key_file = "${program}"`),
      'Error initializing listener of type tcp: error loading TLS cert: tls: failed to find any PEM data in certificate input',
    ],
    [
      'bad-folder',
      raft(`${program}/data`),
      `error initializing storage of type raft: mkdir ${program}: not a directory`,
    ],
  ])('a configuration: %s', async (name, text, line) => {
    const file = at(`${name}.hcl`);
    await writeFile(file, text);
    await expectLine(['server', `-config=${file}`], typeof line === 'string' ? line : line(file));
  });

  test('a configuration that is not there', async () => {
    const file = at('nothere.hcl');
    await expectLine(
      ['server', `-config=${file}`],
      `error loading configuration from ${file}: stat ${file}: no such file or directory`,
    );
  });

  test('a port in use', async () => {
    const file = at('busy.hcl');
    await writeFile(file, inmem(`address = "127.0.0.1:${busyPort}" tls_disable = true`));
    await expectLine(
      ['server', `-config=${file}`],
      `Error initializing listener of type tcp: listen tcp 127.0.0.1:${busyPort}: bind: address already in use`,
    );
  });
});

/** Every file below with its bytes, to see that nothing was overwritten. */
function contents(path: string): Map<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(path, name)).isFile(),
  );
  return new Map(files.sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]));
}

async function flipMiddle(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 3);
  for (let i = 0; i < 8; i++) bytes[middle + i]! ^= 0xff;
  await writeFile(path, bytes);
}

describe.concurrent('a damaged data folder is refused in one line, and left as it is', () => {
  const data = at('data');

  beforeAll(async () => {
    await mkdir(data);
    const port = await new Promise<number>((resolve) => {
      const probe = createServer();
      probe.listen(0, '127.0.0.1', () => {
        const free = (probe.address() as AddressInfo).port;
        probe.close(() => resolve(free));
      });
    });
    const { configuration } = parseConfiguration(raft(data).replace('127.0.0.1:1"', `127.0.0.1:${port}"`), '');
    const server = await startServer({
      configuration,
      log: hostLog({ level: 'error', format: 'standard', print: () => undefined, now: Date.now }),
      failed: (error) => {
        throw error;
      },
    });
    const url = `http://${server.listeners[0]!.address}/v1/sys/init`;
    await fetch(url, {
      method: 'PUT',
      headers: { Connection: 'close' },
      body: '{"secret_shares":1,"secret_threshold":1}',
    });
    await server.stop();
  }, 30_000);

  test.each([
    ['the state', (name: string) => name === 'vault.db'],
    ['the log', (name: string) => name.startsWith('raft/') && name.endsWith('.wal')],
  ])('%s', async (what, chosen) => {
    const copy = at(`data-${what.slice(4)}`);
    await cp(data, copy, { recursive: true });
    const names = [...contents(copy).keys()].filter(chosen);
    expect(names).not.toEqual([]);
    for (const name of names) await flipMiddle(join(copy, name));
    const before = contents(copy);
    await writeFile(`${copy}.hcl`, raft(copy));
    const { code, stderr } = await steamer('server', `-config=${copy}.hcl`);
    expect(stderr).toMatch(
      /^error initializing storage of type raft: (?:raft log )?\/\S+ is corrupt at (?:byte|offset) \d+: [^\n]+\n$/,
    );
    expect(code).toBe(1);
    expect(contents(copy)).toEqual(before);
  });

  test('files instead of what they should hold', async () => {
    const path = at('files');
    await mkdir(join(path, 'core'), { recursive: true });
    await writeFile(join(path, 'core/_keyring'), 'garbage');
    await writeFile(join(path, 'core/_seal-config'), 'garbage');
    const before = contents(path);
    const file = at('files.hcl');
    await writeFile(
      file,
      `storage "file" { path = "${path}" }\nlistener "tcp" { address = "127.0.0.1:0" tls_disable = 1 }`,
    );
    const { code, stderr } = await steamer('server', `-config=${file}`);
    expect(stderr).toMatch(/^Error initializing core: [^\n]+\n$/);
    expect(code).toBe(1);
    expect(contents(path)).toEqual(before);
  });
});

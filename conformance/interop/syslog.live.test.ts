/** Audit lines of both servers in a real rsyslog: the same but for what differs between any two runs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Canonicaliser } from '../canonical.ts';
import { eventually } from '../cluster.ts';
import { startRsyslog, type Rsyslog, type Told } from '../fixtures/rsyslog.ts';
import { baoProgram, freePort } from '../program.ts';
import { inmemConfig } from '../targets/config.ts';
import { oursCommand } from '../targets/program.ts';
import { orSkipped } from './side.ts';

/** More than one datagram of a cautious size, less than Linux allows. */
const LONG = 'x'.repeat(60_000);

/** What lines of the two devices begin with: the name by default, and one that was asked for. */
const TAGS = ['vault[', 'raw['];

let sides: readonly (readonly string[])[] = [];
let folder = '';
const running: Rsyslog[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      const real = [await baoProgram()];
      folder = await mkdtemp(join(tmpdir(), 'steamer-syslog-'));
      for (let side = 0; side < 2; side++) running.push(await startRsyslog());
      sides = [real, oursCommand];
    }),
  300_000,
);

afterAll(async () => {
  for (const rsyslog of running) await rsyslog.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

async function work(command: readonly string[], rsyslog: Rsyslog) {
  const port = await freePort();
  const config = join(folder, `${port}.hcl`);
  await writeFile(config, `${inmemConfig('shares', port)}allow_audit_log_prefixing = true\n`);
  const server = await rsyslog.start([...command, 'server', `-config=${config}`], port);
  let token = '';
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>, text };
  };
  try {
    const { json } = await call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    token = String(json['root_token']);
    await call('PUT', 'sys/unseal', { key: (json['keys'] as string[])[0] });
    const refused = await call('PUT', 'sys/audit/bad', { type: 'syslog', options: { facility: 'NOWHERE' } });
    const made = [
      await call('PUT', 'sys/audit/plain', { type: 'syslog' }),
      await call('PUT', 'sys/audit/raw', {
        type: 'syslog',
        options: { facility: 'local3', tag: 'raw', log_raw: 'true', prefix: '@cee: ' },
      }),
    ];
    await call('POST', 'sys/mounts/kv', { type: 'kv' });
    await call('PUT', 'kv/a', { umlaut: 'ä€😀', angle: '<&>', long: LONG });
    await call('GET', 'kv/a');
    await call('GET', 'kv/none');
    token = 'wrong';
    await call('GET', 'kv/a');
    token = String(json['root_token']);
    await call('DELETE', 'sys/audit/raw');
    await call('GET', 'kv/last');
    await eventually('the last line is there', async () => {
      const told = await rsyslog.told();
      const last = TAGS.map((tag) => told.findLast((line) => line.tag.startsWith(tag))?.message ?? '');
      return (/"type":"response".*kv\/last/.test(last[0]!) && last[1]!.includes('sys/audit/raw')) || undefined;
    });
    return {
      answers: [refused, ...made].map(({ status, text }) => `${status} ${text}`),
      lines: canonical(await rsyslog.told(), server.address),
    };
  } finally {
    await server.stop();
  }
}

/** By device: the two get a line at the same time. */
function canonical(told: readonly Told[], address: string): Told[][] {
  return TAGS.map((begin) => {
    const names = new Canonicaliser([address], '2.7.2');
    const lines = told.filter(({ tag }) => tag.startsWith(begin));
    return lines.map(({ tag, message, ...rest }) => {
      const [prefix = '', json = ''] = message.split(/(?=\{)(.*)/s);
      const { body } = names.exchange('GET line', 'line', { status: 200, headers: [], body: `${json}\n` });
      return { ...rest, tag: tag.replace(/\[\d+\]/, '[PID]'), message: `${prefix}${JSON.stringify(body)}` };
    });
  });
}

test('rsyslog gets the same lines from both', async (context) => {
  // `orSkipped` has printed why.
  if (sides.length < 2) return context.skip();
  const [theirs, ours] = [await work(sides[0]!, running[0]!), await work(sides[1]!, running[1]!)];
  expect(ours).toEqual(theirs);
  expect(theirs.lines.map(({ length }) => length)).toEqual([18, 13]);
}, 300_000);

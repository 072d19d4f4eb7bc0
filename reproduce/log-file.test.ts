import { expect, test } from 'vitest';
import { kept, logsOf } from '../conformance/outages/kept.ts';
import { readCluster } from './cluster-log.ts';
import { parseLog } from './log-file.ts';
import { momentsOf } from './moments.ts';

const RECORD =
  '2026-11-30T11:09:46.181Z [WARN]  storage.raft: heartbeat timeout reached, starting election: last-leader-addr=127.0.0.1:21301 last-leader-id=n1';
const told = {
  at: 1_796_036_986_181_000,
  node: 'a',
  level: 'warn',
  name: 'storage.raft',
  message: 'heartbeat timeout reached, starting election',
  fields: { 'last-leader-addr': '127.0.0.1:21301', 'last-leader-id': 'n1' },
};

test.each([
  ['nothing', ''],
  ['journald', 'Nov 30 11:09:46 host-1 bao[812]: '],
  ['docker compose', 'openbao-1  | '],
  ['docker logs -t', '2026-11-30T11:09:46.182345678Z '],
  ['kubectl --prefix', '[pod/openbao-0/openbao] '],
])('a record is read behind what %s puts before it', (_, prefix) => {
  expect(parseLog(`${prefix}${RECORD}\n`, 'a')).toEqual([told]);
});

test('a record in a file of Docker’s own is read', () => {
  const line = JSON.stringify({ log: `${RECORD}\n`, stream: 'stdout', time: '2026-11-30T11:09:46.182Z' });
  expect(parseLog(line, 'a')).toEqual([told]);
});

test('a record in JSON is the same record', () => {
  const line =
    '{"@level":"warn","@message":"heartbeat timeout reached, starting election","@module":"storage.raft","@timestamp":"2026-11-30T12:09:46.181000+01:00","last-leader-addr":"127.0.0.1:21301","last-leader-id":"n1"}';
  expect(parseLog(`host bao[1]: ${line}\n`, 'a')).toEqual([told]);
});

test('times may have an offset without a colon, values quotes and spaces, keys spaces', () => {
  const text =
    '2026-11-30T13:09:46.181+0200 [ERROR] storage.raft: failed to heartbeat to: peer=10.0.0.1:8201 backoff time=10ms error="dial tcp: \\"x\\" y=z"';
  expect(parseLog(text, 'a')).toEqual([
    {
      ...told,
      level: 'error',
      message: 'failed to heartbeat to',
      fields: { peer: '10.0.0.1:8201', 'backoff time': '10ms', error: 'dial tcp: "x" y=z' },
    },
  ]);
});

test('what stands below a record belongs to it', () => {
  const text = `2026-11-30T11:09:20.489Z [ERROR] core: failed to get raft challenge: leader_addr=http://a\n  error=\n  | Error making API request.\n  | \n  | Code: 503. Errors:\n\n${RECORD}`;
  const [first, second] = parseLog(text, 'a');
  expect(first!.fields).toEqual({
    leader_addr: 'http://a',
    error: 'Error making API request.\n\nCode: 503. Errors:\n',
  });
  expect(second).toEqual(told);
});

test('banners have the time of what follows, last words that of what was before', () => {
  const text = `==> OpenBao server configuration:\n\n                 Version: OpenBao v2.7.2, committed 2026\n\n${RECORD}\n==> OpenBao shutdown triggered\n2026-11-30T12:00:00.000Z [INFO]  proxy environment: http_proxy=""\n`;
  const said = parseLog(text, 'a').map(({ at, message }) => [at - told.at, message]);
  expect(said).toEqual([
    [0, '==> OpenBao server configuration:'],
    [0, 'Version'],
    [0, told.message],
    [0, '==> OpenBao shutdown triggered'],
    [3_013_819_000, 'proxy environment'],
  ]);
});

test('nothing is read of what is no log', () => {
  expect(parseLog('hello\n{"a":1}\n==> OpenBao server started!\n', 'a')).toEqual([]);
});

test.each(kept())('%s: every record of a real log is read', (name) => {
  const files = logsOf(name);
  for (const { facts, entries } of readCluster(files).nodes) {
    const records = files
      .find(({ file }) => file === facts.file)!
      .text.split('\n')
      .filter((line) => /\d{4}-\S+ \[[A-Z]+\] |\{"@/.test(line));
    expect(
      entries.filter(({ message, fields }) => fields['is'] === undefined && !message.startsWith('==>')),
    ).toHaveLength(records.length);
    expect([facts.version, facts.seal, facts.storage]).toEqual([
      '2.7.2',
      name.endsWith('-shamir') ? 'shamir' : 'static',
      'raft',
    ]);
  }
});

test('a peer that is away for a day is told of now and then, and counted', () => {
  const line = (second: number): string =>
    `2026-11-30T11:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}.000Z [ERROR] storage.raft: failed to heartbeat to: peer=127.0.0.1:8201 backoff time=500ms error="dial tcp 127.0.0.1:8201: connect: connection refused"`;
  const entries = parseLog(Array.from({ length: 3_600 }, (_, second) => line(second)).join('\n'), 'a');
  expect(entries).toHaveLength(3_600);
  const moments = momentsOf(entries);
  expect(moments.length).toBeLessThan(250);
  expect(moments.reduce((sum, { times }) => sum + times, 0)).toBe(3_600);
});

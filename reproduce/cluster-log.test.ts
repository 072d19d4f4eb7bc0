import { expect, test } from 'vitest';
import { logsOf } from '../conformance/outages/kept.ts';
import { LogError, readCluster } from './cluster-log.ts';

const files = (...names: string[]) => names.map((name) => logsOf('leader-killed').find(({ file }) => file === name)!);
const complaint = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof LogError) return error.message;
    throw error;
  }
  return 'none';
};

test('what cannot be told from the logs at hand is said in a line', () => {
  expect(complaint(() => readCluster([{ file: 'a.log', text: 'hello' }]))).toMatch(
    /^a\.log: no record of an OpenBao server/,
  );
  expect(complaint(() => readCluster(files('n1.txt')))).toMatch(
    /^logs of n1 alone; .* cluster of 3 .* without n2, n3$/,
  );
  expect(complaint(() => readCluster([...files('n1.txt'), ...files('n1.txt')]))).toBe(
    'n1.txt and n1.txt are both logs of n1; give one file a node',
  );
  const [n1, n2] = files('n1.txt', 'n2.txt');
  const back = `${n2!.text}\n2026-11-30T11:00:00.000Z [INFO]  core: marked as sealed\n`;
  expect(complaint(() => readCluster([n1!, { ...n2!, text: back }]))).toMatch(
    /^n2\.txt: time goes back by \d+\.\d s at “marked/,
  );
  const elsewhere = n1!.text.replaceAll(/Storage: raft \(HA available\)/g, 'Storage: postgresql (HA available)');
  expect(complaint(() => readCluster([{ file: 'p.log', text: elsewhere }]))).toMatch(
    /^p\.log: its storage is postgresql;/,
  );
});

test('a cluster of which most logs are there is read, and the others are missed', () => {
  const log = readCluster(files('n2.txt', 'n3.txt'));
  expect(log.nodes.map(({ facts }) => facts.id)).toEqual(['n2', 'n3']);
  expect(log.missing).toEqual(['n1']);
});

test('peers are known by their ids', () => {
  const peers = readCluster(logsOf('leader-killed')).moments.flatMap(({ peer }) => peer ?? []);
  expect([...new Set(peers)].sort()).toEqual(['n1', 'n2', 'n3']);
});

test.each([
  ['docker compose', (node: string) => `openbao-${node}  | `],
  ['kubectl --prefix', (node: string) => `[pod/openbao-${node}/openbao] `],
  ['a journal of several hosts', (node: string) => `Nov 30 11:09:46 host-${node} bao[812]: `],
])('one file of %s holds the logs of all nodes', (_, front) => {
  const apart = readCluster(logsOf('leader-killed'));
  const lines = logsOf('leader-killed').flatMap(({ file, text }) =>
    text.split('\n').map((line) => `${front(file.slice(0, 2))}${line}`),
  );
  const together = readCluster([{ file: 'all.log', text: lines.join('\n') }]);
  expect(together.moments).toEqual(apart.moments);
  expect(together.nodes.map(({ facts }) => facts.id)).toEqual(['n1', 'n2', 'n3']);
});

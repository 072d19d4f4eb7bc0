/**
 * OpenBao's own client for Go: every call of its Sys, and its key-values, tokens, SSH, wrapping and renewals; what it
 * gives back or fails with is the same from both servers.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { onBothOf, orSkipped, startSides, type Side } from '../interop/side.ts';
import { oursAsProgram } from '../targets/program.ts';
import { buildGo } from './go.ts';
import { toldByProgram } from './told.ts';

let program = '';
const dev: Side[] = [];
const raft: Side[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      program = await buildGo('go-api', 'github.com/openbao/openbao/api/v2');
      // As a program, whose log can be watched.
      dev.push(...(await startSides('2.7.2', 'dev', oursAsProgram())));
      raft.push(...(await startSides('2.7.2', 'raft')));
    }),
  300_000,
);

afterAll(() => Promise.all([...dev, ...raft].map((side) => side.stop())));

const told = ({ address }: Side, ...words: string[]) => toldByProgram(program, words, { BAO_ADDR: address });

onBothOf(() => dev, 120_000)('the Go client is told the same by both servers', async () => {
  const [theirs, ours] = await Promise.all(dev.map((side) => told(side)));
  expect(theirs!.length).toBeGreaterThan(230);
  expect(ours).toEqual(theirs);
});

onBothOf(() => raft, 120_000)(
  'and so it is from initialisation to a restored snapshot and new key shares',
  async () => {
    const [theirs, ours] = await Promise.all(raft.map((side) => told(side, 'raft')));
    expect(theirs!.length).toBeGreaterThan(35);
    expect(ours).toEqual(theirs);
  },
);

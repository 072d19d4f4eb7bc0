/** The stores are those of real 2.7.2 servers: what opens them opens what ours leaves behind. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../core/codec/base64.ts';
import { decodeHex, encodeHex } from '../../core/codec/hex.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { TestDisk } from '../../core/storage/disk.fixture.ts';
import { StateFile } from '../../core/storage/raft/state.ts';
import type { TraceEvent } from '../../core/trace.ts';
import { Verdicts } from './checker.ts';
import { DisksDecryptOffline, type NodeDisk } from './disks.ts';
import type { Unsealing } from './offline-keys.ts';

interface Store {
  readonly shares: readonly string[];
  readonly threshold: number;
  readonly rows: Record<string, string>;
}

function storeOf(name: 'shamir' | 'static'): { rows: Map<string, Uint8Array>; unsealing: Unsealing } {
  const url = new URL(`../../core/storage/barrier/testdata/${name}-store.json`, import.meta.url);
  const { shares, threshold, rows } = JSON.parse(readFileSync(url, 'utf8')) as Store;
  const unsealing: Unsealing =
    name === 'shamir'
      ? { type: 'shamir', shares: shares.map(decodeHex), threshold }
      : { type: 'static', key: Uint8Array.from({ length: 32 }, (_, index) => index) };
  return { rows: new Map(Object.entries(rows).map(([key, value]) => [key, decodeBase64(value)])), unsealing };
}

/** What the checker says of nodes with these rows. */
async function said(unsealing: Unsealing, ...nodes: ReadonlyMap<string, Uint8Array>[]): Promise<string[]> {
  return saidAfter([], unsealing, ...nodes);
}

/** The same, after the node has told of these events. */
async function saidAfter(
  events: readonly TraceEvent[],
  unsealing: Unsealing,
  ...nodes: ReadonlyMap<string, Uint8Array>[]
): Promise<string[]> {
  const disks: NodeDisk[] = [];
  for (const [index, rows] of nodes.entries()) {
    const disk = new TestDisk();
    const state = await StateFile.open(disk, 'vault.db');
    const batch = state.begin();
    for (const [key, value] of rows) batch.put(key, value);
    await state.commit(batch);
    const files = [['vault.db', (await disk.readFile('vault.db'))!]] as const;
    disks.push({ node: `n${index + 1}`, files, unsealing: [unsealing] });
  }
  const verdicts = new Verdicts();
  const checker = new DisksDecryptOffline(portableCrypto(), () => disks, verdicts);
  events.forEach((event, at) => checker.observe({ at, node: 'n1', event }));
  await checker.finish({ now: 1, nodes: [], operations: [] });
  return verdicts.violations.map(({ message }) => message);
}

describe.each(['shamir', 'static'] as const)('a %s store of a real server', (seal) => {
  const { rows, unsealing } = storeOf(seal);
  const [key, value] = [...rows].find(([name]) => name.startsWith('logical/'))!;
  const changed = (name: string, bytes: Uint8Array): Map<string, Uint8Array> => new Map([...rows, [name, bytes]]);

  test('opens, on every node', async () => {
    expect(await said(unsealing, rows, rows)).toEqual([]);
  });

  test('is refused when something was written under a key that its writer had replaced', async () => {
    const nonce = encodeHex(value.subarray(5, 17));
    const term = value[3]!;
    const encrypt: TraceEvent = { kind: 'barrier.encrypt', term, nonce };
    const rotate: TraceEvent = { kind: 'barrier.rotate', term: term + 1 };
    expect(await saidAfter([encrypt, rotate], unsealing, rows)).toEqual([]);
    expect(await saidAfter([{ ...rotate, realm: 'namespaces/other/' }, encrypt], unsealing, rows)).toEqual([]);
    expect(await saidAfter([rotate, { kind: 'node.state', state: 'sealed' }, encrypt], unsealing, rows)).toEqual([]);
    expect(await saidAfter([rotate, encrypt], unsealing, rows)).toEqual([
      expect.stringContaining(`was written under term ${term}, which its writer had replaced`),
    ]);
  });

  test('is refused with a flipped bit', async () => {
    const rotten = value.slice();
    rotten[rotten.length - 1]! ^= 1;
    expect(await said(unsealing, changed(key, rotten))).toEqual([expect.stringContaining(`${key} does not decrypt`)]);
  });

  test('is refused with an entry under another name', async () => {
    expect(await said(unsealing, changed('logical/elsewhere', value))).toEqual([
      expect.stringContaining('logical/elsewhere does not decrypt'),
    ]);
  });

  test('is refused with something in clear', async () => {
    expect(await said(unsealing, changed('sys/policy/open', new TextEncoder().encode('{"in":"clear"}')))).toEqual([
      expect.stringContaining('sys/policy/open is not encrypted'),
    ]);
  });

  test('is refused with other keys', async () => {
    const other: Unsealing = { type: 'static', key: new Uint8Array(32) };
    expect(await said(other, rows)).toEqual([expect.stringContaining('cannot be opened')]);
  });
});

test('a disk that was never initialised has nothing to say', async () => {
  const { unsealing } = storeOf('static');
  expect(await said(unsealing, new Map())).toEqual([]);
});

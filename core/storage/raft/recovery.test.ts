import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { RaftStorage } from '../../raft/node.ts';
import { noBytes } from '../../codec/bytes.ts';
import { TestDisk } from '../disk.fixture.ts';
import { testRuntime } from '../runtime.fixture.ts';

import { RaftFsm } from './fsm.ts';
import { encodeLogData, op } from './operations.ts';
import { recoverFromPeersFile } from './recovery.ts';

const voter = (id: string) => ({ id, address: `${id}:8201`, suffrage: 'voter' }) as const;

async function node() {
  const runtime = testRuntime(new TestDisk());
  const files = new RaftStorage(runtime, 'raft');
  const hooks = { changed: () => {}, replaced: () => {}, restoreCallback: () => {} };
  const fsm = await RaftFsm.open(runtime, 'vault.db', hooks);
  await files.bootstrap({ servers: [voter('n1'), voter('n2'), voter('n3')] });
  const write = (text: string) => runtime.disk.writeFile('raft/peers.json', encodeUtf8(text), { sync: true });
  const recover = () => recoverFromPeersFile(runtime, 'raft/', files, fsm);
  return { runtime, files, fsm, write, recover };
}

test('peers.json becomes the configuration, what the log held beyond the state is applied, and the file is deleted', async () => {
  const { runtime, files, fsm, write, recover } = await node();
  const { wal, contents } = await files.open();
  const data = encodeLogData({ operations: [{ type: op.put, key: 'a', value: encodeUtf8('1') }] });
  const entries = [{ index: 2, term: 4, type: 'command', data, extensions: noBytes }] as const;
  await wal.commit({ kind: 'entries', entries });
  contents.log.append(entries);
  await write('[{"id":"n1","address":"n1:8201"},{"id":"n4","address":"n4:8201","non_voter":true}]');
  await recover();
  expect(fsm.data.get('a')).toEqual(encodeUtf8('1'));
  expect(await runtime.disk.readFile('raft/peers.json')).toBeUndefined();
  const again = new RaftStorage(runtime, 'raft');
  expect(await again.snapshots.head()).toEqual({
    index: 2,
    term: 4,
    configurationIndex: 1,
    configuration: { servers: [voter('n1'), { id: 'n4', address: 'n4:8201', suffrage: 'nonvoter' }] },
  });
  expect((await again.open()).contents.log.lastIndex).toBe(2);
});

// As 2.7.2 answered, word for word.
test.each([
  ['', 'EOF'],
  [' \n', 'EOF'],
  ['[{"id"', 'unexpected EOF'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['null', 'need at least one voter in configuration: {[]}'],
  ['[null]', 'empty ID in configuration: {[{Voter  }]}'],
  ['["h:1"]', 'json: cannot unmarshal string into .0 of type raft.configEntry'],
  [
    '[{"id":"n1","address":"a","non_voter":"x"}]',
    'json: cannot unmarshal string into Go struct field .0.non_voter of type bool',
  ],
  ['[{"ID":"n2","Address":"h:1"},{"id":"n2","address":"h:2"}]', 'found duplicate ID in configuration: n2'],
  ['[] x{', 'need at least one voter in configuration: {[]}'],
  ['{}', 'json: cannot unmarshal object into Go value of type []raft.configEntry'],
  ['"x"', 'json: cannot unmarshal string into Go value of type []raft.configEntry'],
  ['[{"id":1}]', 'json: cannot unmarshal number into Go struct field .0.id of type raft.ServerID'],
  ['[]', 'need at least one voter in configuration: {[]}'],
  ['[{"id":"n2","address":"h:1","non_voter":true}]', 'need at least one voter in configuration: {[{Nonvoter n2 h:1}]}'],
  ['[{"id":"","address":"x"}]', 'empty ID in configuration: {[{Voter  x}]}'],
  ['[{"id":"n2","address":"h:1"},{"id":"n2","address":"h:1"}]', 'found duplicate ID in configuration: n2'],
])('peers.json that cannot be one (%s) is refused and stays', async (text, reason) => {
  const { runtime, write, recover } = await node();
  await write(text);
  await expect(recover()).rejects.toThrow(`raft recovery failed to parse peers.json: ${reason}`);
  expect(await runtime.disk.readFile('raft/peers.json')).toEqual(encodeUtf8(text));
});

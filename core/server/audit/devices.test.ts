import { expect, test } from 'vitest';
import type { Connection } from '../../runtime.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { Client } from '../node.fixture.ts';
import { devNode } from '../node.fixture.ts';
import { defaultConfig } from '../default-config.ts';
import { builtinCatalog } from '../mounts/builtin.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { devices } from './device.ts';
import { networkOutlets } from './outlets.ts';

const { settings } = defaultConfig({ type: 'inmem', storage: new InmemStorage() }, builtinCatalog());
const allowing = { settings: { ...settings, apiAuditCreation: true } };

const enable = (client: Client, type: string, options: Record<string, string>) =>
  client.call('POST', 'sys/audit/d', { type, options });

test('a device that cannot work is refused with upstream’s sentence', async () => {
  const client = await devNode(allowing);
  const cases: [string, Record<string, string>, string][] = [
    ['nope', {}, 'unknown backend type: "nope"'],
    ['file', {}, 'file_path is required'],
    ['file', { file_path: 'missing.log', mode: '0' }, 'stat /missing.log: no such file or directory'],
    ['file', { file_path: 'discard', log_raw: 'x' }, 'strconv.ParseBool: parsing "x": invalid syntax'],
    ['file', { file_path: 'discard', format: 'x' }, 'unknown format type "x"'],
    ['socket', {}, 'address is required'],
    ['socket', { address: 'a:1', write_timeout: 'x' }, 'time: invalid duration "x"'],
    ['syslog', { facility: 'X' }, 'invalid syslog facility: X'],
    ['syslog', {}, 'Unix syslog delivery error'],
    ['http', {}, 'uri is required'],
    [
      'http',
      { uri: 'http://a', headers: 'x' },
      "failed to parse headers: invalid character 'x' looking for beginning of value",
    ],
    [
      'http',
      { uri: 'http://a', headers: '{"a":{"b":1}}' },
      'failed to parse headers: json: cannot unmarshal object into Go struct field .a of type []string',
    ],
    [
      'http',
      { uri: 'http://a', headers: '{"a":"b"}' },
      'failed to parse headers: json: cannot unmarshal string into Go struct field .a of type []string',
    ],
  ];
  for (const [type, options, text] of cases) {
    const answer = await enable(client, type, options);
    expect([answer.status, answer.body['errors']]).toEqual([400, [text]]);
  }
});

test('in simulation a socket device speaks over the network of the node', async () => {
  const lines: string[] = [];
  const connection = {
    send: (bytes: Uint8Array) => lines.push(decodeUtf8(bytes)),
    onMessage: () => {},
    onClose: () => {},
    close: () => {},
  } as unknown as Connection;
  const dialled: string[] = [];
  const dial = (address: string) => {
    dialled.push(address);
    return Promise.resolve(connection);
  };
  const open = devices((runtime) => networkOutlets({ ...runtime, network: { ...runtime.network, dial } }));
  const client = await devNode({ ...allowing, openAudit: open });
  expect((await enable(client, 'socket', { address: 'syslog:514' })).status).toBe(204);
  await client.call('GET', 'sys/mounts');
  expect(dialled).toEqual(['syslog:514']);
  // The test line, the answer of the enabling, then both lines of the read.
  expect(lines.length).toBe(4);
});

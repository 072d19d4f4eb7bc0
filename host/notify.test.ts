import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { expect, test } from 'vitest';
import { hostLog } from './log.ts';
import { notify } from './notify.ts';

const program = koffi.load(null);
const open = program.func('int socket(int, int, int)');
const bind = program.func('int bind(int, const uint8_t *, uint32_t)');
const receive = program.func('long recv(int, _Out_ uint8_t *, size_t, int)');
const close = program.func('int close(int)');
const DO_NOT_WAIT = 0x40;

function logged() {
  const lines: string[] = [];
  const log = hostLog({
    level: 'debug',
    format: 'standard',
    print: (line) => lines.push(line.slice(25)),
    now: () => 0,
  });
  return { lines, log };
}

test.each([
  ['in the file system', (folder: string) => join(folder, 'notify')],
  ['of the abstract kind', () => `@steamer-notify-${process.pid}`],
])('a socket %s is told', async (_, place) => {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-notify-'));
  const path = place(folder);
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(path.replace(/^@/, '\0'))]);
  const handle = open(1, 2, 0) as number;
  expect(bind(handle, address, address.length)).toBe(0);
  const { lines, log } = logged();
  await notify(log, 'READY=1', path);
  const got = Buffer.alloc(100);
  const length = Number(receive(handle, got, got.length, DO_NOT_WAIT));
  expect(got.toString('utf8', 0, length)).toBe('READY=1');
  expect(lines).toEqual(['[DEBUG] sent systemd notification: notification=READY=1']);
  close(handle);
  await rm(folder, { recursive: true });
});

test('nobody to tell is told in the log', async () => {
  const { lines, log } = logged();
  await notify(log, 'STOPPING=1', '/nothere/notify');
  await notify(log, 'STOPPING=1', '');
  expect(lines).toEqual([
    '[ERROR] error notifying systemd: error="dial unixgram /nothere/notify: connect: no such file or directory"',
    '[DEBUG] would have sent systemd notification (systemd not present): notification=STOPPING=1',
  ]);
});

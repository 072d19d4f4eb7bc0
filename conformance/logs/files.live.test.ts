/** The files of the log, as they are put aside by length and by age: their names, rights, and how many records each has. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BesideServer, plainServer, same } from '../configurations/beside.ts';

const SETTINGS: Readonly<Record<string, string>> = {
  'by length': 'log_file = "@DIR/log/a.log"\nlog_rotate_bytes = 2000',
  'each record': 'log_file = "@DIR/log/a.log"\nlog_rotate_bytes = 1',
  'two old files': 'log_file = "@DIR/log/a.log"\nlog_rotate_bytes = 600\nlog_rotate_max_files = 2',
  'no old files': 'log_file = "@DIR/log/a.log"\nlog_rotate_bytes = 600\nlog_rotate_max_files = -1',
  'goes on': 'log_file = "@DIR/log/a.log"\nlog_rotate_bytes = 3500',
  'a folder': 'log_file = "@DIR/log/"\nlog_rotate_bytes = 1500',
  'no extension': 'log_file = "@DIR/log/plain"\nlog_rotate_bytes = 1500',
  'a dot in front': 'log_file = "@DIR/log/.log"\nlog_rotate_bytes = 1500',
  'several dots': 'log_file = "@DIR/log/a.b.txt"\nlog_rotate_bytes = 1500',
  'an age below zero': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = "-1s"',
  'no age': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = 0',
  'an age in days': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = "1d"',
  'an age without a unit': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = 90',
  'an age that is too high': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = 99999999999999',
  'an age that is none': 'log_file = "@DIR/log/a.log"\nlog_rotate_duration = "x"',
};

/** Names without their time, rights, and records. */
async function files(folder: string): Promise<string[]> {
  const shown: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const records = (await readFile(join(folder, name), 'utf8')).split('\n').length - 1;
    const mode = ((await stat(join(folder, name))).mode & 0o777).toString(8);
    shown.push(`${name.replace(/-\d{19}/, '-NANOS')} ${mode} ${records}`);
  }
  return shown;
}

test.for(Object.keys(SETTINGS))('%s', async (name) => {
  const play = async (server: BesideServer): Promise<unknown> => {
    await mkdir(server.filled('@DIR/log'));
    // A start goes on with the file that is there, whose length does not count.
    if (name === 'goes on') await writeFile(server.filled('@DIR/log/a.log'), `${'x'.repeat(3000)}\n`, { mode: 0o640 });
    await server.configure(plainServer('', `log_level = "info"\nlog_requests_level = "info"\n${SETTINGS[name]}`));
    await server.start();
    if (server.exitCode !== null) return server.printed.replaceAll(/^\d{4}-\S+ .*\n/gm, '').trim();
    for (let index = 0; index < 12; index += 1) await server.ask('GET', 'sys/mounts');
    await server.end();
    return files(server.filled('@DIR/log'));
  };
  expect(await same(play)).not.toEqual([]);
});

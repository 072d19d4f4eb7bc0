import { expect, test } from 'vitest';
import { logText } from '../codec/log-text.ts';
import type { Log } from '../runtime.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { VersionHistory } from './version-history.ts';

test('a version is recorded once, and told with a time that is one in JSON too', async () => {
  const told: [string, unknown][] = [];
  const log: Log = {
    write: (level, name, message, fields) =>
      void told.push([logText(level, name, message, fields), JSON.parse(JSON.stringify(fields))]),
  };
  const history = new VersionHistory(new InmemStorage());
  const running = { version: '2.7.2', commitDate: '2026-10-26T20:32:27Z' };
  await history.record(running, 1_500_000, log);
  await history.record(running, 2_500_000, log);
  const line =
    '[INFO]  core: Recorded vault version: vault version=2.7.2 upgrade time="1970-01-01 00:00:01.5 +0000 UTC" commit date=2026-10-26T20:32:27Z';
  const fields = {
    'vault version': '2.7.2',
    'upgrade time': '1970-01-01T00:00:01.5Z',
    'commit date': '2026-10-26T20:32:27Z',
  };
  expect(told).toEqual([[line, fields]]);
});

/** Which versions have run on this storage: one row a version, written by the first active node that runs it. */
import { parseObject, print } from '../codec/json.ts';
import { Plain } from '../codec/log-text.ts';
import { formatRfc3339, goTime } from '../codec/rfc3339.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Log } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';

const folder = 'core/versions/';

export interface VersionRow {
  readonly version: string;
  /** RFC 3339. */
  readonly installed: string;
  readonly buildDate: string;
}

export class VersionHistory {
  readonly #barrier: Storage;
  #rows: VersionRow[] = [];

  constructor(barrier: Storage) {
    this.#barrier = barrier;
  }

  /** In the order of their installation. */
  get rows(): readonly VersionRow[] {
    return this.#rows;
  }

  async load(): Promise<void> {
    const rows: VersionRow[] = [];
    for (const name of await this.#barrier.list(folder)) {
      const stored = await this.#barrier.get(folder + name);
      if (!stored) continue;
      const fields = parseObject(stored);
      const text = (field: string) => (typeof fields[field] === 'string' ? fields[field] : '');
      rows.push({ version: text('Version'), installed: text('TimestampInstalled'), buildDate: text('BuildDate') });
    }
    this.#rows = rows.sort((a, b) => (a.installed < b.installed ? -1 : 1));
  }

  async record(
    running: { readonly version: string; readonly commitDate: string },
    now: number,
    log: Log,
  ): Promise<void> {
    await this.load();
    if (this.#rows.some((row) => row.version === running.version)) return;
    const row = { version: running.version, installed: formatRfc3339(now), buildDate: running.commitDate };
    const fields = new Map([
      ['TimestampInstalled', row.installed],
      ['Version', row.version],
      ['BuildDate', row.buildDate],
    ]);
    await this.#barrier.put(folder + row.version, encodeUtf8(print(fields)));
    this.#rows.push(row);
    log.write('info', 'core', 'Recorded vault version', {
      'vault version': row.version,
      'upgrade time': new Plain(goTime(now), row.installed),
      'commit date': row.buildDate,
    });
  }
}

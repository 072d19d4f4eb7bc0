/**
 * `npm run bench`: one table, each row beside its peer or the real server, measured in the same run.
 *
 *   npm run bench                      all of it, in some minutes, but for what is only run when named
 *   npm run bench -- kernel requests   only these
 *   npm run bench -- --json            one JSON object a row
 *   npm run bench -- --help            which there are
 *
 * Exits with 1 when a budget does not hold.
 */
import { parseArgs } from 'node:util';
import { embed } from './embed.ts';
import { failover } from './failover.ts';
import { footprint } from './footprint.ts';
import { kernel } from './kernel.ts';
import { loaded } from './loaded.ts';
import { pki } from './pki.ts';
import { requests } from './requests.ts';
import { holds, type Bench, type Row } from './row.ts';
import { busy, idle } from './simulated.ts';
import { heading, rowText } from './table.ts';

const BENCHES: readonly Bench[] = [kernel, idle, busy, failover, requests, pki, footprint, embed, loaded];

function usage(): string {
  const lines = BENCHES.map(({ name, about }) => `    ${name.padEnd(12)}${about}`);
  return `Usage: npm run bench -- [--json] [name …]\n\n${lines.join('\n')}`;
}

async function main(words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((word) => !BENCHES.some(({ name }) => name === word));
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `No bench is called ${unknown.join(', ')}.\n${usage()}` : usage());
    return values.help ? 0 : 1;
  }
  let kept = true;
  if (!values.json) console.log(heading());
  const print = (row: Row): void => {
    kept &&= holds(row);
    console.log(values.json ? JSON.stringify({ ...row, holds: holds(row) }) : rowText(row));
  };
  for (const bench of BENCHES)
    if (positionals.length === 0 ? bench.onlyNamed !== true : positionals.includes(bench.name)) await bench.run(print);
  return kept ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

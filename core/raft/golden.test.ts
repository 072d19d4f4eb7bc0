/** Each file of testdata is a story: prose, a command, and what the nodes log then. `REWRITE=1` writes the files anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDuration } from '../codec/duration.ts';
import { MILLISECOND, SECOND } from '../runtime.ts';
import { Bed } from './bed.ts';
import type { ConfigurationChange } from './configuration.ts';
import { encodeConfiguration } from './configuration.ts';
import { transferLeadership } from './transfer.ts';
import type { RaftOptions, Server } from './types.ts';
import { verifyLeader } from './verify.ts';

const folder = new URL('testdata/', import.meta.url);

/** Runs commands on a bed; answers with what was logged meanwhile. */
class Story {
  #bed: Bed | undefined;
  readonly #lines: string[] = [];
  readonly #cut = new Set<string>();
  readonly #slow = new Map<string, number>();
  #chance = 12_345;

  run(command: string): string {
    const [verb, ...words] = command.split(' ');
    const result = this.#do(verb!, words);
    const lines = this.#lines.splice(0);
    if (result !== undefined) lines.push(result);
    return lines.length === 0 ? 'ok' : lines.join('\n');
  }

  get #there(): Bed {
    if (this.#bed === undefined) throw new Error('a story begins with a cluster');
    return this.#bed;
  }

  #do(verb: string, words: readonly string[]): string | undefined {
    const [id = '', second = ''] = words;
    switch (verb) {
      case 'cluster':
        this.#cluster(words);
        return undefined;
      case 'run':
        this.#there.run(parseDuration(id));
        return undefined;
      case 'start':
        this.#there.start(id);
        return undefined;
      case 'kill':
        this.#there.crash(id);
        return undefined;
      case 'cut':
        this.#cut.add(`${id} ${second}`).add(`${second} ${id}`);
        return undefined;
      case 'heal':
        this.#cut.clear();
        return undefined;
      case 'slow':
        this.#slow.set(id, parseDuration(second));
        return undefined;
      case 'propose':
        for (const text of words.slice(1)) this.#there.propose(id, text);
        return undefined;
      case 'transfer': {
        const { machine } = this.#there.node(id);
        machine!.main(() => transferLeadership(machine!, this.#there.future(), undefined));
        return undefined;
      }
      case 'verify': {
        const { machine } = this.#there.node(id);
        machine!.main(() => verifyLeader(machine!, this.#there.future()));
        return undefined;
      }
      case 'join':
        return this.#change(id, { command: 'AddNonvoter', id: second, address: `${second}:8201` });
      case 'promote':
        return this.#change(id, { command: 'AddVoter', id: second, address: `${second}:8201` });
      case 'remove':
        return this.#change(id, { command: 'RemoveServer', id: second });
      case 'state':
        return [...this.#there.nodes.values()].map((node) => this.#state(node.id)).join('\n');
      case 'results':
        return [...this.#there.node(id).results].map(([future, result]) => `${future}: ${result}`).join('\n');
      default:
        throw new Error(`unknown command ${verb}`);
    }
  }

  #change(leader: string, change: ConfigurationChange): undefined {
    const { machine } = this.#there.node(leader);
    machine!.changes.push({ future: this.#there.future(), change, previousIndex: 0 });
    machine!.kick();
    return undefined;
  }

  #cluster(words: readonly string[]): void {
    const ids = words.filter((word) => !word.includes('='));
    const settings = Object.fromEntries(words.filter((word) => word.includes('=')).map((word) => word.split('=')));
    const options: Partial<RaftOptions> = {
      performanceMultiplier: Number(settings['multiplier'] ?? 1),
      startFactor: Number(settings['start'] ?? 1),
      trailingLogs: Number(settings['trailing'] ?? 10_240),
      snapshotThreshold: Number(settings['threshold'] ?? 8_192),
      snapshotInterval: Number(settings['interval'] ?? 120) * SECOND,
    };
    const below = (bound: number): number => {
      this.#chance = (Math.imul(this.#chance, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((this.#chance / 0x80000000) * bound);
    };
    this.#bed = new Bed(
      {
        below,
        latency: (from, to) => (this.#cut.has(`${from} ${to}`) ? undefined : MILLISECOND),
        sync: (node) => this.#slow.get(node) ?? 2 * MILLISECOND,
        onLog: (node, level, message, fields) => {
          const at = String(Math.floor(this.#there.now / MILLISECOND)).padStart(6);
          const text = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
          if (level !== 'trace')
            this.#lines.push(`${at} ${node} ${message}${text.length > 0 ? ':' : ''}${text.join('')}`);
        },
      },
      options,
    );
    const servers = ids.map((id): Server => ({ id, address: `${id}:8201`, suffrage: 'voter' }));
    for (const id of ids) {
      this.#bed.add(id, servers, (all) => encodeConfiguration({ servers: all }));
      this.#bed.start(id);
    }
  }

  #state(id: string): string {
    const { machine, durable } = this.#there.node(id);
    if (machine === undefined) return `${id} down, ${durable.log.lastIndex} entries, ${durable.state.join(' ')}`;
    const { role, term, commitIndex, log } = machine;
    return `${id} ${role}, term ${term}, entries ${log.first}-${log.lastIndex}, commit ${commitIndex}: ${durable.state.join(' ')}`;
  }
}

/** Prose and commands stay; what stands between `----` and the next empty line is what the nodes said. */
function tell(text: string): string {
  const story = new Story();
  const told: string[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    told.push(line);
    if (lines[at + 1] !== '----') continue;
    told.push('----', ...story.run(line).split('\n'));
    at++;
    while (at + 1 < lines.length && lines[at + 1] !== '') at++;
  }
  return told.join('\n');
}

for (const name of readdirSync(folder)) {
  test(`the story of ${name.replace(/\.txt$/, '').replaceAll('-', ' ')}`, () => {
    const path = new URL(name, folder);
    const text = readFileSync(path, 'utf8');
    const told = tell(text);
    if (process.env['REWRITE'] !== undefined) writeFileSync(path, told);
    else expect(told).toBe(text);
  });
}

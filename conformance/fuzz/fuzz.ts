/**
 * Bent requests on two targets in step: nothing may fail in ours (5xx, a broken connection) that does not fail in the
 * reference. What they answer otherwise is the cases' and the sessions' business.
 */
import seedrandom from 'seedrandom';
import type { Step } from '../case.ts';
import { Client, type Answer, type Request } from '../client.ts';
import type { Running, Target } from '../targets/target.ts';
import { bent, type Dice } from './mutate.ts';

/** A fresh pair of servers after so many requests: what was broken by one does not hide the rest. */
const REQUESTS_A_SERVER = 500;
/** What a target may take for an answer before it counts as hanging, in ms. */
const PATIENCE = 20_000;

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly done?: (sent: number) => void;
}

export interface Failure {
  readonly request: Request;
  /** 0: no answer. */
  readonly status: number;
  readonly body: string;
  /** What the reference answered. */
  readonly expected: number;
}

export interface Fuzzed {
  readonly sent: number;
  readonly failures: readonly Failure[];
}

export async function fuzz(
  target: Target,
  against: Target,
  steps: readonly Step[],
  { count, seed, done }: FuzzOptions,
): Promise<Fuzzed> {
  const dice: Dice = seedrandom(String(seed));
  const failures: Failure[] = [];
  let sent = 0;
  while (sent < count) {
    const pair = await Promise.all([Pairing.start(target), Pairing.start(against)]);
    try {
      const until = Math.min(count, sent + REQUESTS_A_SERVER);
      while (sent < until) {
        const request = bent(steps, pair[0].running.token, dice);
        if (request === undefined) continue;
        const [mine, theirs] = await Promise.all([pair[0].client.send(request), pair[1].client.send(request)]);
        sent += 1;
        if (fails(mine) && !fails(theirs))
          failures.push({ request, status: mine.status, body: mine.body, expected: theirs.status });
        done?.(sent);
        if (!pair[0].running.alive() || !pair[1].running.alive()) break;
      }
    } finally {
      await Promise.all(pair.map((one) => one.stop()));
    }
  }
  return { sent, failures };
}

/** 503 is an answer: what is sealed or locked says so. */
const fails = ({ status }: Answer): boolean => status === 0 || (status >= 500 && status !== 503);

class Pairing {
  readonly running: Running;
  readonly client: Client;

  private constructor(running: Running) {
    this.running = running;
    this.client = new Client(running.addresses[0]!, PATIENCE);
  }

  static async start(target: Target): Promise<Pairing> {
    return new Pairing(await target.start('dev'));
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.running.stop();
  }
}

/** One failure a line, as a request that can be sent again. */
export const failureText = ({ request, status, body, expected }: Failure): string => {
  const headers = request.headers
    .filter(([name]) => name !== 'Content-Type')
    .map(([name, value]) => `[${name}: ${value}]`);
  const said = status === 0 ? 'no answer' : `${status} ${body.trim().slice(0, 160)}`;
  const sent = [request.method, request.path, (request.body ?? '').slice(0, 300), ...headers].filter(
    (part) => part !== '',
  );
  return `${sent.join(' ')}\n    ${said} (reference: ${expected === 0 ? 'no answer' : expected})`;
};

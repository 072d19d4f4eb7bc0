/** A session that is played to a server of either kind in steps, and what was logged in each. */
import type { BesideServer } from '../configurations/beside.ts';
import { logLines, type LogLine } from './records.ts';

export interface Step {
  readonly name: string;
  readonly lines: readonly LogLine[];
}

/** How long nobody says anything before a step is over. */
const QUIET_MILLIS = 500;
const LONGEST_MILLIS = 8_000;

export class Session {
  readonly steps: Step[] = [];
  readonly #servers: readonly BesideServer[];

  constructor(...servers: readonly BesideServer[]) {
    this.#servers = servers;
  }

  /** What `play` and its consequences had logged, the servers' logs one behind the other. */
  async step(
    name: string,
    play: () => Promise<unknown>,
    until: () => boolean | Promise<boolean> = () => true,
    quiet = QUIET_MILLIS,
  ): Promise<void> {
    for (const server of this.#servers) server.mark();
    await play();
    const printed = (): string => this.#servers.map((server) => server.printed).join('\n');
    const end = Date.now() + LONGEST_MILLIS;
    for (let seen = '', since = Date.now(); Date.now() < end;) {
      const now = printed();
      if (now !== seen) [seen, since] = [now, Date.now()];
      else if (Date.now() - since > quiet && (await until())) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.steps.push({ name, lines: logLines(printed()) });
  }
}

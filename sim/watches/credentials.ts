/** Asks the database, second by second, whether credentials are good as long as their lease, and no longer. */
import { type Micros, SECOND } from '../../core/runtime.ts';
import { TIMER } from '../event-kinds.ts';
import { StoryFailure } from '../failure.ts';
import type { SqlServer } from '../services/sql-server.ts';
import type { Simulation } from '../simulation.ts';

interface Credential {
  readonly username: string;
  readonly password: string;
  readonly from: Micros;
  readonly ends: Micros;
}

export class CredentialWatch {
  readonly #simulation: Simulation;
  readonly #server: SqlServer;
  readonly #credentials: Credential[] = [];
  readonly #wrong: string[] = [];

  /** `slack`: how much longer than its lease a login may be good. */
  constructor(simulation: Simulation, server: SqlServer, slack: Micros) {
    this.#simulation = simulation;
    this.#server = server;
    const { world } = simulation;
    const look = (): void => {
      this.#look(slack);
      world.schedule(world.root, SECOND, TIMER, look, undefined);
    };
    look();
  }

  /** They were handed out just now. */
  add(username: string, password: string, ttl: Micros): void {
    const { now } = this.#simulation.world;
    this.#credentials.push({ username, password, from: now, ends: now + ttl });
  }

  get names(): readonly string[] {
    return this.#credentials.map(({ username }) => username);
  }

  /** Throws StoryFailure. */
  assertKept(): void {
    if (this.#wrong.length > 0) throw new StoryFailure(`${this.#wrong[0]} (${this.#wrong.length} in all)`);
  }

  #look(slack: Micros): void {
    const { now } = this.#simulation.world;
    for (const { username, password, ends } of this.#credentials) {
      const good = this.#server.lets(username, password);
      // A second to either side: leases are counted in seconds.
      if (!good && now < ends - SECOND)
        this.#wrong.push(`${username} was refused ${(ends - now) / SECOND} s too early`);
      if (good && now > ends + slack)
        this.#wrong.push(`${username} was let in ${(now - ends) / SECOND} s after its lease`);
    }
  }
}

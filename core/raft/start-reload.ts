/**
 * OpenBao starts a node with long timeouts, so that it does not disturb a cluster that it has just rejoined, and goes
 * over to the normal ones when it has become candidate or leader, or after a random while.
 */
import type { Micros } from '../runtime.ts';
import { reloadedText } from './config-text.ts';
import type { Machine } from './machine.ts';
import { RELOAD_POLL } from './timing.ts';

export class StartReload {
  readonly #m: Machine;
  readonly #timeout: number;
  readonly #poll: number;
  #started: Micros | undefined;
  #done = false;

  constructor(m: Machine) {
    this.#m = m;
    this.#timeout = m.lanes.timer(() => this.#reload('triggering raft config reload due to initial timeout'));
    this.#poll = m.lanes.timer(() => {
      if (m.role !== 'candidate' && m.role !== 'leader') return;
      this.#reload('triggering raft config reload due to being candidate or leader');
    });
  }

  start(servers: number): void {
    const m = this.#m;
    this.#started = m.now();
    if (servers === 1) {
      this.#reload(undefined);
      return;
    }
    m.effects.arm(this.#timeout, m.jittered(m.timeouts.heartbeat));
    if (m.role !== 'follower') this.roleChanged();
  }

  /** Upstream looks every 50 ms; only a look after a change can find anything. */
  roleChanged(): void {
    if (this.#done || this.#started === undefined) return;
    this.#m.effects.arm(this.#poll, RELOAD_POLL - ((this.#m.now() - this.#started) % RELOAD_POLL));
  }

  #reload(why: string | undefined): void {
    if (this.#done) return;
    this.#done = true;
    const m = this.#m;
    for (const timer of [this.#timeout, this.#poll]) {
      m.effects.disarm(timer);
      m.lanes.drop(timer);
    }
    if (why !== undefined) m.write('trace', why);
    m.write('trace', 'reloaded raft config to set lower timeouts', { config: reloadedText(m.normal) });
    m.reload();
  }
}

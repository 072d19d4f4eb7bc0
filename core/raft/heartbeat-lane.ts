/** Tells one peer, beside all replication, that there is a leader. */
import type { Machine } from './machine.ts';
import type { Opened } from './lanes.ts';
import type { AppendRequest, Response } from './messages.ts';
import type { ReplicationLane } from './replication-lane.ts';
import { cappedBackoff } from './timing.ts';

export class HeartbeatLane {
  readonly #m: Machine;
  readonly #replication: ReplicationLane;
  readonly #request: AppendRequest;
  readonly #timer: number;
  /** Between heartbeats a notice sends one at once; in all other states it is kept for the next wait. */
  #waiting = false;
  #notified = false;
  #stopped = false;
  #failures = 0;

  constructor(m: Machine, replication: ReplicationLane) {
    this.#m = m;
    this.#replication = replication;
    this.#request = {
      kind: 'append',
      term: replication.term,
      previousIndex: 0,
      previousTerm: 0,
      commitIndex: 0,
      entries: [],
    };
    this.#timer = m.lanes.timer(() => {
      if (this.#waiting) this.#beat();
      else this.#wait();
    });
  }

  start(): void {
    this.#wait();
  }

  notify(): void {
    this.#notified = true;
    if (this.#waiting) this.#beat();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = false;
    this.#m.effects.disarm(this.#timer);
    this.#m.lanes.drop(this.#timer);
  }

  #wait(): void {
    if (this.#notified) {
      this.#beat();
      return;
    }
    this.#waiting = true;
    this.#m.effects.arm(this.#timer, this.#m.jittered(Math.floor(this.#m.timeouts.heartbeat / 10)));
  }

  #beat(): void {
    this.#notified = false;
    this.#waiting = false;
    this.#m.effects.disarm(this.#timer);
    const call = this.#m.lanes.call((response, failure) => this.#answered(response, failure));
    this.#m.effects.call(call, this.#replication.peer, this.#request);
  }

  #answered(response: Response | Opened | undefined, failure: string): void {
    if (this.#stopped) return;
    if (response?.kind !== 'append') {
      const wait = cappedBackoff(this.#failures, Math.floor(this.#m.timeouts.heartbeat / 2));
      this.#replication.heartbeatFailed(wait, response?.kind === 'error' ? response.message : failure);
      this.#failures++;
      this.#m.effects.arm(this.#timer, wait);
      return;
    }
    this.#failures = 0;
    this.#replication.contacted();
    this.#replication.vote(response.success);
    this.#wait();
  }
}

/**
 * Brings one peer's log to ours. In standard mode each request waits for its answer; after a success the lane goes
 * over to a pipeline with two requests on the wire, and back when anything is not as expected.
 */
import { serverText } from './configuration.ts';
import { peerIsAhead } from './leader.ts';
import type { Leadership } from './leader.ts';
import type { Machine } from './machine.ts';
import { shownDuration } from '../codec/log-text.ts';
import type { Micros } from '../runtime.ts';
import type { AppendRequest, AppendResponse, InstallResponse, Response } from './messages.ts';
import { backoff, COMMIT_TIMEOUT, MAX_APPEND_ENTRIES } from './timing.ts';
import type { Server } from './types.ts';
import { countVerification } from './verify.ts';
import type { Verification } from './verify.ts';

/** Upstream hands each request over to a reader without a buffer: one being read, one on the wire. */
const PIPELINE_DEPTH = 2;

type Doing = 'starting' | 'waiting' | 'backing off' | 'calling' | 'opening pipeline' | 'sending' | 'stopped';

export class ReplicationLane {
  readonly #m: Machine;
  readonly #leadership: Leadership;
  readonly #timer: number;
  readonly term: number;
  /** Those who want to know whether the peer still follows us. */
  readonly waiting = new Set<Verification>();
  peer: Server;
  nextIndex: number;
  lastContact: Micros;

  #doing: Doing = 'starting';
  #triggered = false;
  #deferred: ((failed: boolean) => void) | undefined;
  /** Stop after a last attempt to bring the peer to this index. */
  #finishAt: number | undefined;
  #target = 0;
  #failures = 0;
  #allowPipeline = false;
  #pipeline = false;
  #pipelineNext = 0;
  #sent: AppendRequest[] = [];
  #broken = false;

  constructor(m: Machine, leadership: Leadership, peer: Server, nextIndex: number) {
    this.#m = m;
    this.#leadership = leadership;
    this.term = leadership.term;
    this.peer = peer;
    this.nextIndex = nextIndex;
    this.lastContact = m.now();
    this.#timer = m.lanes.timer(() => this.#timeUp());
    m.lanes.pipe(this.#timer, (response) => this.#pipelineAnswered(response));
  }

  // --- what others ask of the lane ---

  trigger(): void {
    this.#triggered = true;
    if (this.#doing === 'starting' || this.#doing === 'waiting') this.#next();
  }

  /** Replicate what there is now, then call back. One at a time. */
  defer(done: (failed: boolean) => void): void {
    this.#deferred = done;
    if (this.#doing === 'waiting') this.#next();
  }

  /** The peer has left the configuration. */
  finish(index: number): void {
    this.#finishAt = index;
    if (this.#doing === 'waiting') this.#next();
  }

  stop(): void {
    if (this.#pipeline) this.#leavePipeline();
    this.#doing = 'stopped';
    this.#m.effects.disarm(this.#timer);
    this.#m.lanes.drop(this.#timer);
  }

  contacted(): void {
    this.lastContact = this.#m.now();
  }

  vote(agrees: boolean): void {
    if (this.waiting.size === 0) return;
    const all = [...this.waiting];
    this.waiting.clear();
    for (const verification of all) countVerification(this.#m, verification, agrees);
  }

  heartbeatFailed(wait: Micros, error: string): void {
    const fields = { peer: this.peer.address, 'backoff time': shownDuration(wait), error };
    this.#m.write('error', 'failed to heartbeat to', fields);
  }

  // --- the loop ---

  #next(): void {
    this.#m.effects.disarm(this.#timer);
    if (this.#finishAt !== undefined) {
      const index = this.#finishAt;
      if (index === 0) {
        this.stop();
        return;
      }
      this.#finishAt = 0;
      this.#run(index);
      return;
    }
    if (this.#deferred !== undefined || this.#triggered) {
      if (this.#deferred === undefined) this.#triggered = false;
      this.#run(this.#m.log.lastIndex);
      return;
    }
    this.#doing = 'waiting';
    this.#m.effects.arm(this.#timer, this.#m.jittered(COMMIT_TIMEOUT));
  }

  #timeUp(): void {
    if (this.#doing === 'waiting') this.#run(this.#m.log.lastIndex);
    else if (this.#doing === 'backing off') this.#request();
  }

  #run(target: number): void {
    this.#target = target;
    if (this.#pipeline) this.#send();
    else this.#attempt();
  }

  #answerDeferred(failed: boolean): void {
    const done = this.#deferred;
    this.#deferred = undefined;
    done?.(failed);
  }

  // --- standard mode ---

  #attempt(): void {
    if (this.#failures === 0) {
      this.#request();
      return;
    }
    this.#doing = 'backing off';
    this.#m.effects.arm(this.#timer, backoff(this.#failures));
  }

  #request(): void {
    this.#doing = 'calling';
    const request = this.#build(this.nextIndex, this.#target);
    if (request === undefined) {
      this.#sendSnapshot();
      return;
    }
    const call = this.#m.lanes.call((response, failure) => {
      if (this.#doing === 'stopped') return;
      if (response?.kind === 'append') {
        this.#answered(request, response);
        return;
      }
      const error = response?.kind === 'error' ? response.message : failure;
      this.#m.write('error', 'failed to appendEntries to', { peer: serverText(this.peer), error });
      this.#failures++;
      this.#done();
    });
    this.#m.effects.call(call, this.peer, request);
  }

  #answered(request: AppendRequest, response: AppendResponse): void {
    if (response.term > request.term) {
      this.#stale();
      return;
    }
    this.contacted();
    if (response.success) {
      this.#matched(request);
      this.#failures = 0;
      this.#allowPipeline = true;
    } else {
      this.nextIndex = Math.max(Math.min(this.nextIndex - 1, response.lastIndex + 1), 1);
      this.#m.effects.trace({ kind: 'raft.rejected', peer: this.peer.id, next: this.nextIndex, term: this.term });
      this.#failures = response.noRetryBackoff ? 0 : this.#failures + 1;
      const fields = { peer: serverText(this.peer), next: this.nextIndex };
      this.#m.write('warn', 'appendEntries rejected, sending older logs', fields);
    }
    this.#checkMore();
  }

  #checkMore(): void {
    if (this.#finishAt !== undefined && this.#finishAt !== 0) this.stop();
    else if (this.nextIndex <= this.#target) this.#attempt();
    else this.#done();
  }

  #done(): void {
    this.#answerDeferred(false);
    // The callback may have ended our leadership.
    if (this.#isStopped()) return;
    if (this.#allowPipeline) this.#openPipeline();
    else this.#next();
  }

  #isStopped(): boolean {
    return this.#doing === 'stopped';
  }

  /** The peer is in a newer term: this lane ends, the main loop steps down. */
  #stale(): void {
    this.#m.write('error', 'peer has newer term, stopping replication', { peer: serverText(this.peer) });
    this.vote(false);
    peerIsAhead(this.#m, this.#leadership);
    this.#answerDeferred(true);
    this.stop();
  }

  #matched(request: AppendRequest): void {
    const last = request.entries.at(-1);
    if (last !== undefined) {
      this.nextIndex = last.index + 1;
      this.#leadership.commitment.match(this.peer.id, last.index);
    }
    this.vote(true);
  }

  /** Undefined when the peer needs entries that we no longer have. */
  #build(next: number, target: number): AppendRequest | undefined {
    const { log, commitIndex } = this.#m;
    const previousIndex = next - 1;
    const previousTerm = previousIndex === 0 ? 0 : log.term(previousIndex);
    const entries = log.slice(next, Math.min(next + MAX_APPEND_ENTRIES - 1, target));
    if (previousTerm === undefined || entries === undefined) {
      const index = previousTerm === undefined ? previousIndex : next;
      this.#m.write('error', 'failed to get log', { index, error: 'log not found' });
      return undefined;
    }
    return { kind: 'append', term: this.term, previousIndex, previousTerm, commitIndex, entries };
  }

  // --- snapshots ---

  #sendSnapshot(): void {
    const call = this.#m.lanes.call((response, failure, index) => {
      if (this.#isStopped()) return;
      if (response?.kind === 'install') {
        this.#installed(response, index);
        return;
      }
      const error = response?.kind === 'error' ? response.message : failure;
      this.#m.write('error', 'failed to install snapshot', { peer: this.peer.id, id: 'bolt-snapshot', error });
      this.#m.write('error', 'failed to send snapshot to', { peer: serverText(this.peer), error });
      this.#failures++;
      this.#done();
    });
    this.#m.write('info', 'installing snapshot on', { peer: this.peer.id, id: 'bolt-snapshot' });
    this.#m.state.send(call, this.peer, this.term);
  }

  #installed(response: InstallResponse, index: number): void {
    if (response.term > this.term) {
      this.#stale();
      return;
    }
    this.contacted();
    if (response.success) {
      this.nextIndex = index + 1;
      this.#leadership.commitment.match(this.peer.id, index);
      this.#failures = 0;
      this.vote(true);
    } else {
      this.#failures++;
      this.#m.write('warn', 'installSnapshot rejected to', { peer: this.peer.id, id: 'bolt-snapshot' });
    }
    this.#checkMore();
  }

  // --- the pipeline ---

  #openPipeline(): void {
    this.#allowPipeline = false;
    this.#doing = 'opening pipeline';
    const call = this.#m.lanes.call((response, failure) => {
      if (this.#doing === 'stopped') {
        if (response !== undefined) this.#m.effects.closePipeline(this.#timer);
        return;
      }
      if (response === undefined) {
        const fields = { peer: serverText(this.peer), error: failure };
        this.#m.write('error', 'failed to start pipeline replication to', fields);
        this.#next();
        return;
      }
      this.#m.write('info', 'pipelining replication', { peer: serverText(this.peer) });
      this.#pipeline = true;
      this.#broken = false;
      this.#pipelineNext = this.nextIndex;
      this.#next();
    });
    this.#m.effects.openPipeline(call, this.#timer, this.peer);
  }

  #send(): void {
    const request = this.#build(this.#pipelineNext, this.#target);
    if (request === undefined) {
      this.#answerDeferred(true);
      this.#backToStandard();
      return;
    }
    this.#m.effects.pipelineSend(this.#timer, request);
    this.#sent.push(request);
    const last = request.entries.at(-1);
    if (last !== undefined) this.#pipelineNext = last.index + 1;
    // The second request waits for its reader, and the lane with it.
    if (this.#sent.length < PIPELINE_DEPTH) this.#sentOne();
    else this.#doing = 'sending';
  }

  #sentOne(): void {
    this.#answerDeferred(false);
    if (this.#isStopped()) return;
    if (this.#broken) this.#backToStandard();
    else this.#next();
  }

  #pipelineAnswered(response: Response | undefined): void {
    if (!this.#pipeline || this.#doing === 'stopped') return;
    const request = this.#sent.shift();
    if (request === undefined) {
      this.#broken = true;
      this.#afterAnswer();
      return;
    }
    if (response?.kind === 'append' && response.term > request.term) {
      this.#stale();
      return;
    }
    // Upstream takes even a failed read for a sign of life here.
    this.contacted();
    if (response?.kind === 'append' && response.success) this.#matched(request);
    else this.#broken = true;
    this.#afterAnswer();
  }

  #afterAnswer(): void {
    if (this.#isStopped()) return;
    if (this.#doing === 'sending') this.#sentOne();
    else if (this.#broken && this.#doing === 'waiting') this.#backToStandard();
  }

  #leavePipeline(): void {
    this.#m.write('info', 'aborting pipeline replication', { peer: serverText(this.peer) });
    this.#m.effects.closePipeline(this.#timer);
    this.#pipeline = false;
    this.#sent = [];
  }

  #backToStandard(): void {
    this.#leavePipeline();
    this.#next();
  }
}

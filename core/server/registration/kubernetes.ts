/**
 * `service_registration "kubernetes"`: what a node is, written on its pod as labels, so that a service can choose among
 * pods by them.
 */
import { Mutex } from '../../mutex.ts';
import { Scope } from '../../scope.ts';
import { every } from '../../ticker.ts';
import { SECOND, type Runtime } from '../../runtime.ts';
import { PodError, type Patch, type PodClient } from './pod-client.ts';
import type { Registration } from './registration.ts';

const CATCH_UP = 5 * SECOND;
const LABELS = '/metadata/labels';
export const LOGGER = 'service_registration.kubernetes';

/** A label's value may hold nothing else. */
const sanitised = (version: string): string => version.replace(/[^A-Za-z0-9._-]/g, '-');

export class KubernetesRegistration implements Registration {
  readonly #runtime: Runtime;
  readonly #pod: PodClient;
  readonly #version: string;
  readonly #turns = new Mutex();
  readonly #life = new Scope();
  /** Whether the first state is on the pod: whatever came before it would be lost under it. */
  #begun = false;
  /**
   * By path, what could not be said. It is said once more even when something newer has been said meanwhile, which is
   * then covered by it: so does upstream (seen on 2.7.2).
   */
  #missed = new Map<string, Patch>();

  constructor(runtime: Runtime, pod: PodClient, version: string) {
    this.#runtime = runtime;
    this.#pod = pod;
    this.#version = sanitised(version);
  }

  async start(): Promise<void> {
    await this.#turns.run(() => this.#begin());
    const catchUp = (): Promise<void> => this.#turns.run(() => this.#catchUp());
    const failed = (error: unknown): void => this.#warn('error encountered during periodic state update', { error });
    void catchUp().catch(failed);
    every(this.#runtime.clock, CATCH_UP, this.#life, catchUp, failed);
  }

  stop(): void {
    this.#life.cancel();
  }

  initialised(): Promise<void> {
    return this.#notify('initialized', true);
  }

  sealed(sealed: boolean): Promise<void> {
    return this.#notify('sealed', sealed);
  }

  active(active: boolean): Promise<void> {
    return this.#notify('active', active);
  }

  #notify(name: string, value: boolean): Promise<void> {
    const patch = replace(name, String(value));
    const { path } = patch;
    return this.#turns.run(async () => {
      if (!this.#begun) {
        this.#warn('cannot notify of present state because initial state is unset', { path });
        this.#missed.set(path, patch);
        return;
      }
      const error = await this.#failure(() => this.#pod.patch([patch]));
      if (error === undefined) return;
      this.#warn('unable to update state; will retry', { path, err: error });
      this.#missed.set(path, patch);
    });
  }

  /** What a node is that has just begun: the same at every start, whatever its storage holds. */
  async #begin(): Promise<void> {
    if (this.#begun) return;
    const labels = [
      ['version', this.#version],
      ['active', 'false'],
      ['sealed', 'true'],
      ['perf-standby', 'false'],
      ['initialized', 'false'],
    ] as const;
    const error = await this.#failure(async () => {
      const present = await this.#pod.labels();
      const whole = Object.fromEntries(labels.map(([name, value]) => [`openbao-${name}`, value]));
      await this.#pod.patch(
        present === undefined
          ? [{ op: 'add', path: LABELS, value: whole }]
          : labels.map(([name, value]) => replace(name, value)),
      );
    });
    this.#begun = error === undefined;
    if (error !== undefined) this.#warn('unable to set initial state due; will retry', { err: error });
  }

  async #catchUp(): Promise<void> {
    if (this.#life.cancelled) return;
    await this.#begin();
    if (!this.#begun || this.#missed.size === 0) return;
    const error = await this.#failure(() => this.#pod.patch([...this.#missed.values()]));
    if (error === undefined) this.#missed = new Map();
    else this.#warn('unable to update state; will retry', { err: error });
  }

  async #failure(work: () => Promise<void>): Promise<string | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (error instanceof PodError) return error.message;
      throw error;
    }
  }

  #warn(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#runtime.log.write('warn', LOGGER, message, fields);
  }
}

const replace = (name: string, value: string): Patch => ({ op: 'replace', path: `${LABELS}/openbao-${name}`, value });

/**
 * Recovery mode (`server -recovery`): a node that is never unsealed in the usual sense. Whoever holds the shares gets a
 * token, and with it reads and mends the storage behind the barrier; no mounts, no leases, no peers.
 */
import { randomBase62 } from '../codec/base62.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { refuse } from '../fault.ts';
import { createBackend } from '../framework/backend.ts';
import { engine } from '../framework/engine.ts';
import type { Backend, Request, Response } from '../framework/logical.ts';
import type { ApiOptions } from '../http/api.ts';
import type { HttpHandler } from '../http/message.ts';
import { createRecoveryHandler, type RecoveryApi } from '../http/recovery.ts';
import type { Runtime } from '../runtime.ts';
import { Barrier } from '../storage/barrier/barrier.ts';
import { unsealBarrier } from '../storage/barrier/lifecycle.ts';
import { rawPaths, type RawContext } from '../system/raw.ts';
import { bareContext } from './bare-context.ts';
import type { NodeConfig } from './config.ts';
import { RootGeneration } from './seal/root-generation.ts';
import { Seal } from './seal/seal.ts';
import { ShamirWrapper } from './seal/shamir-wrapper.ts';

/** 'hvr.' and 24 more: the tokens have the longer form, whatever the configuration says. */
const RANDOM_LENGTH = 24;
const PREFIX = 'hvr.';

export class RecoveryNode implements RecoveryApi {
  readonly runtime: Runtime;
  readonly options: ApiOptions;
  readonly barrier: Barrier;
  readonly http: HttpHandler;
  readonly generation: RecoveryApi['generation'];
  readonly #seal: Seal;
  readonly #physical: NodeConfig['physical'];
  readonly #raw: Backend;
  #token: string | undefined;

  constructor(runtime: Runtime, config: NodeConfig) {
    this.runtime = runtime;
    this.options = config.options;
    this.#physical = config.physical;
    this.barrier = new Barrier(runtime, config.physical.storage);
    this.#seal = new Seal(runtime, config.physical.storage, config.seal ?? new ShamirWrapper(runtime));
    this.#raw = createBackend(rawOnly, rawContext(this.barrier));
    this.generation = this.#generation();
    this.http = createRecoveryHandler(this);
  }

  async initialised(): Promise<boolean> {
    return (await this.#seal.barrierConfig()) !== undefined;
  }

  makeToken(): Promise<string> {
    this.#token = PREFIX + randomBase62(RANDOM_LENGTH, (length) => this.runtime.random.bytes(length));
    return Promise.resolve(this.#token);
  }

  admits(token: string): boolean {
    return this.#token !== undefined && this.runtime.crypto.equal(encodeUtf8(token), encodeUtf8(this.#token));
  }

  raw(request: Request): Promise<Response | undefined> {
    return this.#raw.handle(request);
  }

  #generation(): RecoveryApi['generation'] {
    const generation = new RootGeneration(this.barrier, this.#seal, {
      name: 'recovery operation token generation',
      otpLength: PREFIX.length + RANDOM_LENGTH,
      prove: async (rootKey) => {
        await unsealBarrier(this.barrier, rootKey);
        await this.#physical.recover?.();
      },
    });
    return {
      status: () => generation.status(),
      cancel: () => generation.cancel(),
      update: (...given) => generation.update(...given),
      start: (...given) => {
        if (this.barrier.sealed) return generation.start(...given);
        throw refuse('attempted to generate recovery operation token when already unsealed');
      },
    };
  }
}

const rawOnly = engine<undefined, object, RawContext>({ type: 'system', about: 'Storage alone.' }).include(rawPaths);

const rawContext = (barrier: Barrier): RawContext => ({
  ...bareContext(barrier.runtime, barrier),
  node: { barrier, settings: { rawStorage: true } },
});

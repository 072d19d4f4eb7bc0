/** Response wrapping: a reply is put away in the cubbyhole of a token that can be used once (facts §6.3). */
import { assert } from '../../assert.ts';
import { wrappingAuth } from './auth.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { coded, failure, refuse } from '../../fault.ts';
import type { Request, Response, WrapInfo } from '../../framework/logical.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { Micros } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { deferredOf, isApproved } from '../control-groups/deferred.ts';
import type { ServiceContext, TokenEntry, WrapOptions, Wrapping } from '../services.ts';
import { batchEncodingError } from '../tokens/batch.ts';
import { fromNanos, fromStoredTime, toNanos } from '../tokens/nanos.ts';
import { envelopeText } from './envelope.ts';
import { WrappingKey } from './jwt.ts';

export const createWrapping = (context: ServiceContext): WrappingService => new WrappingService(context);

/** What `sys/wrapping/lookup` shows. Micros. */
interface WrapFacts {
  readonly creationPath: string;
  readonly creationTime: Micros;
  readonly creationTtl: Micros;
}

interface Put extends WrapOptions {
  readonly text: string;
  /** What the token is said to come from; a rewrapped reply comes from where it was first. */
  readonly path: string;
  readonly creationPath: string;
  readonly wrapped?: string | undefined;
}

/** What AppRole's secret ids are known by, as tokens by their accessors. */
function secretIdAccessor({ mount }: Request, { data }: Response): string | undefined {
  if (mount?.type !== 'approle' || data === undefined) return undefined;
  const found = data instanceof Map ? data.get('secret_id_accessor') : (data as JsonObject)['secret_id_accessor'];
  return typeof found === 'string' ? found : undefined;
}

const invalid = (): Error => refuse('wrapping token is not valid or does not exist');

export class WrappingService implements Wrapping {
  readonly #context: ServiceContext;
  readonly #key: WrappingKey;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#key = new WrappingKey(context);
  }

  setup(): Promise<void> {
    return this.#key.load();
  }

  async wrap(request: Request, response: Response, wrap: WrapOptions): Promise<WrapInfo> {
    const creationPath = response.wrapInfo?.creationPath || request.path;
    const text = envelopeText(request, response);
    const wrapped = response.auth?.accessor ?? secretIdAccessor(request, response);
    // Of whatever namespace the reply is, a JWT is for a token of root.
    const context = wrap.format === 'jwt' ? this.#root() : this.#context;
    return this.#put(context, { ...wrap, text, path: creationPath, creationPath, wrapped });
  }

  #root(): ServiceContext {
    const root = this.#context.in(rootNamespace.id);
    assert(root !== undefined, 'root is always there');
    return root;
  }

  /** Token, then the reply, then what is known about it, then the lease: the order of upstream's writes. */
  async #put(
    { services, runtime }: ServiceContext,
    { text, path, creationPath, displayName, ttl, format, wrapped }: Put,
  ): Promise<WrapInfo> {
    const creationTime = runtime.clock.wall();
    const token = await services.tokens.createWrapping(path, ttl, { displayName });
    const jwt = format === 'jwt' ? await this.#key.sign(token.id, ttl, wrapped ?? '') : undefined;
    try {
      await this.#write(token, 'response', { response: text });
      const facts = new Map<string, JsonValue>([
        ['creation_path', creationPath],
        ['creation_time', formatRfc3339(creationTime)],
        ['creation_ttl', toNanos(ttl)],
      ]);
      await this.#write(token, 'wrapinfo', facts);
      await services.leases.registerAuth(token, wrappingAuth(token.id, ttl));
    } catch (error) {
      runtime.log.write('error', 'core', 'failed to store wrapped response information', { error: String(error) });
      await services.tokens.revoke(token.id).catch(() => {
        // Without a lease the token is ended by its first look-up.
      });
      throw failure('internal error');
    }
    return {
      token: jwt ?? (await this.#context.system.tokenSigning.sign(token.id, token.policies)),
      ...(jwt !== undefined && { inside: token.id }),
      accessor: token.accessor,
      ttl,
      creationTime,
      creationPath,
      ...(wrapped !== undefined && wrapped !== '' && { wrappedAccessor: wrapped }),
    };
  }

  /** Where the token's own namespace keeps what was wrapped. */
  #cubbyhole(token: TokenEntry): Storage | undefined {
    return this.#context.in(token.namespaceId)?.mounts.match('cubbyhole/')?.storage;
  }

  async #write(token: TokenEntry, name: string, value: JsonValue): Promise<void> {
    const storage = this.#cubbyhole(token);
    if (storage === undefined) throw failure('no cubbyhole');
    await storage.put(`${token.cubbyholeId}/${name}`, encodeUtf8(print(value)));
  }

  async #read(token: TokenEntry, name: string): Promise<JsonObject | undefined> {
    const bytes = await this.#cubbyhole(token)?.get(`${token.cubbyholeId}/${name}`);
    return bytes === undefined ? undefined : parseObject(bytes);
  }

  async validate(request: Request): Promise<string> {
    const sent = request.data['token'];
    let token = request.clientToken;
    if (sent !== undefined && sent !== null) {
      if (typeof sent !== 'string') throw denied('could not decode token in request body');
      if (sent.trim() === '') throw denied('empty token in request body');
      token = sent.trim();
    } else if (token === '') throw denied('token is empty');

    let inner: string | undefined;
    try {
      // A JWT is read with the spaces around it.
      inner = await this.#key.open(typeof sent === 'string' ? sent : token);
    } catch (error) {
      throw denied(error instanceof Error ? error.message : String(error));
    }
    const id = inner ?? token;
    const wrong = batchEncodingError(id);
    if (wrong !== undefined) throw denied(wrong);
    const entry = await this.#context.services.tokens.lookup(id);
    const policy = entry?.policies.length === 1 ? entry.policies[0] : undefined;
    if (policy !== 'response-wrapping' && policy !== 'control-group') throw invalid();
    const deferred = deferredOf(entry!);
    if (deferred === undefined) return id;
    // Good for nothing before all have agreed who have to.
    if (!isApproved(deferred, this.#context.runtime.clock.wall())) throw invalid();
    return id;
  }

  async #facts(entry: TokenEntry): Promise<WrapFacts> {
    const deferred = deferredOf(entry);
    if (deferred !== undefined) {
      return { creationPath: entry.path, creationTime: deferred.created, creationTtl: entry.ttl };
    }
    const stored = await this.#read(entry, 'wrapinfo');
    if (stored === undefined)
      throw refuse('no information found; wrapping token may be from a previous OpenBao version');
    return {
      creationPath: asString(stored['creation_path']) ?? '',
      creationTime: fromStoredTime(stored['creation_time']),
      creationTtl: fromNanos(stored['creation_ttl']),
    };
  }

  async #entry(token: string): Promise<TokenEntry> {
    const entry = await this.#context.services.tokens.stored(token, true);
    if (entry === undefined) throw invalid();
    return entry;
  }

  async lookup(token: string): Promise<WrapFacts> {
    return this.#facts(await this.#entry(token));
  }

  async unwrap(token: string, callerIsWrapping: boolean): Promise<string> {
    const entry = await this.#entry(token);
    const { tokens } = this.#context.services;
    // A caller's own wrapping token has burnt its use on the way here, and has none for who names it besides.
    if (!callerIsWrapping && entry.numUses < 0) {
      throw failure(
        "error decrementing wrapping token's use-count: invalid token entry provided for use count decrementing",
      );
    }
    if (!callerIsWrapping && (await tokens.use(entry)) === undefined) throw invalid();
    const stored = await this.#read(entry, 'response');
    if (!callerIsWrapping) await tokens.revoke(token);
    if (stored === undefined)
      throw refuse('no information found; wrapping token may be from a previous OpenBao version');
    return asString(stored['response']) ?? '';
  }

  async rewrap(token: string, displayName: string): Promise<WrapInfo> {
    const entry = await this.#entry(token);
    const { tokens } = this.#context.services;
    const { creationPath, creationTtl } = await this.#facts(entry);
    // Outside of root upstream looks for the reply where it is not, and the use is burnt all the same.
    const inRoot = entry.namespaceId === rootNamespace.id;
    const stored = inRoot ? await this.#read(entry, 'response') : undefined;
    if (!inRoot) await tokens.use(entry);
    if (stored === undefined)
      throw refuse('no information found; wrapping token may be from a previous OpenBao version');
    if ((await tokens.use(entry)) === undefined && entry.numUses >= 0) throw invalid();
    const text = asString(stored['response']) ?? '';
    const path = 'sys/wrapping/rewrap';
    const put = { text, path, creationPath, displayName, ttl: creationTtl, format: 'uuid' } as const;
    const info = await this.#put(this.#root(), put);
    await tokens.revoke(token);
    return info;
  }
}

const denied = (text: string): Error => coded(403, `error validating wrapping token: ${text}`);

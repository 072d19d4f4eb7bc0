/** The policy store: texts in `sys/policy/<name>`, parsed once, and the ACLs built from them. */
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { parseObject } from '../../codec/json.ts';
import { quote } from '../../codec/go-quote.ts';
import { Fault, duringKey, failure, refuse } from '../../fault.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Namespace } from '../../framework/logical.ts';
import { isRelative, StorageView } from '../../storage/view.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { fromStoredTime, toStoredTime } from '../tokens/nanos.ts';
import type { Acl, AclSubject, Entity, Policies, PolicyChange, PolicyEntry, ServiceContext } from '../services.ts';
import { CompiledAcl, rootAclOf } from './acl.ts';
import { defaultPolicy, hiddenPolicies, responseWrappingPolicy } from './builtin.ts';
import { applicableRules } from './applicable.ts';
import type { ParsedPolicy } from './parse.ts';
import { PolicyError, parsePolicy } from './parse.ts';
import { policyName } from './policy-name.ts';

const PREFIX = 'sys/policy/';
/** Parsed policies, and ACLs, kept in memory. */
const CACHED = 1024;

export const createPolicies = (context: ServiceContext): PolicyStore => new PolicyStore(context);

interface Loaded {
  /** Whose policy it is. */
  readonly namespace?: Namespace;
  readonly entry: PolicyEntry;
  readonly parsed: ParsedPolicy;
}

interface CachedAcl {
  readonly acl: Acl;
  /** The entity that templates were filled in for. */
  readonly entity: Entity | undefined;
  /** The state of identity that groups were looked up in; undefined: they were not needed. */
  readonly changes: number | undefined;
  /** Wall micros of the first expiry of anything in it. */
  readonly validUntil: number;
}

const encode = (entry: PolicyEntry): Uint8Array =>
  encodeEntry(
    new Map<string, JsonValue>([
      ['DataVersion', entry.version],
      ['CASRequired', entry.casRequired],
      ['Raw', entry.raw],
      ['Type', 0],
      ['Templated', entry.templated],
      ['Expiration', toStoredTime(entry.expiration)],
      ['Modified', toStoredTime(entry.modified)],
      ['AllowWildcardsInIdentityTemplates', entry.allowWildcards],
      ['AllowSlashesInIdentityTemplates', entry.allowSlashes],
    ]),
  );

function decode(name: string, bytes: Uint8Array): PolicyEntry {
  const stored = parseObject(bytes);
  return {
    name,
    raw: asString(stored['Raw']) ?? '',
    version: asNumber(stored['DataVersion']) ?? 0,
    casRequired: asBoolean(stored['CASRequired']) ?? false,
    templated: asBoolean(stored['Templated']) ?? false,
    expiration: fromStoredTime(stored['Expiration']),
    modified: fromStoredTime(stored['Modified']),
    allowWildcards: asBoolean(stored['AllowWildcardsInIdentityTemplates']) ?? false,
    allowSlashes: asBoolean(stored['AllowSlashesInIdentityTemplates']) ?? false,
  };
}

const rootEntry: PolicyEntry = {
  name: 'root',
  raw: '',
  version: 0,
  casRequired: false,
  templated: false,
  expiration: 0,
  modified: 0,
  allowWildcards: false,
  allowSlashes: false,
};

export class PolicyStore implements Policies {
  readonly #context: ServiceContext;
  readonly #view: StorageView;
  readonly #locks = new KeyedLock();
  readonly #root: Acl;
  readonly #loaded = new Map<string, Loaded>();
  readonly #acls = new Map<string, CachedAcl>();
  /** Counts invalidations, so that what was read before one is not kept after it. */
  #epoch = 0;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#view = new StorageView(context.barrier, PREFIX);
    this.#root = rootAclOf(context.namespace);
  }

  async setup(): Promise<void> {
    if (!this.#context.active) return;
    this.tellLock();
    if ((await this.#load('default')) === undefined) await this.#store('default', defaultPolicy, 1);
    this.tellLock();
    const wrapping = await this.#load('response-wrapping');
    if (wrapping?.entry.raw !== responseWrappingPolicy) {
      await this.#store('response-wrapping', responseWrappingPolicy, (wrapping?.entry.version ?? 0) + 1);
    }
  }

  async #store(name: string, raw: string, version: number): Promise<void> {
    this.tellLock();
    const modified = this.#context.runtime.clock.wall();
    const { templated } = parsePolicy(raw);
    await this.#save({ ...rootEntry, name, raw, version, templated, modified });
  }

  tellLock(): void {
    const { runtime, namespace } = this.#context;
    runtime.log.write('trace', 'policy', 'acquiring lock for', { namespace: namespace.uuid });
  }

  async #save(entry: PolicyEntry): Promise<void> {
    await this.#view.put(entry.name, encode(entry));
    this.invalidate(entry.name);
  }

  async #load(name: string): Promise<Loaded | undefined> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const bytes = await this.#view.get(name);
    if (bytes === undefined) return undefined;
    const entry = decode(name, bytes);
    const loaded = { entry, parsed: parsePolicy(entry.raw) };
    if (epoch === this.#epoch) {
      if (this.#loaded.size >= CACHED) this.#loaded.delete(this.#loaded.keys().next().value!);
      this.#loaded.set(name, loaded);
    }
    return loaded;
  }

  async get(given: string): Promise<PolicyEntry | undefined> {
    const name = policyName(given);
    if (name === 'root') return rootEntry;
    const entry = await duringKey('failed to read policy', this.#stored(name));
    return entry === undefined || this.#expired(entry) ? undefined : entry;
  }

  async #stored(name: string): Promise<PolicyEntry | undefined> {
    return (await this.#load(name))?.entry;
  }

  #expired(entry: PolicyEntry): boolean {
    return entry.expiration !== 0 && entry.expiration <= this.#context.runtime.clock.wall();
  }

  async list(prefix = ''): Promise<string[]> {
    const names: string[] = [];
    if (isRelative(prefix)) return names;
    const folders = [prefix];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of await this.#view.list(folder)) {
        if (name.endsWith('/')) folders.push(folder + name);
        else names.push(folder + name);
      }
    }
    return names.filter((name) => !hiddenPolicies.includes(name));
  }

  async put(given: string, change: PolicyChange): Promise<void> {
    const name = policyName(given);
    await this.#locks.run(name, async () => {
      const patch = change.patch === true;
      const kept = patch ? await duringKey('failed to read policy', this.#stored(name)) : undefined;
      if (patch && kept === undefined && name !== 'root') throw refuse('policy not found');
      const raw = change.raw ?? kept?.raw ?? '';
      const { templated } = parsed(raw, this.#context.namespace.path);
      if (name === 'root' || hiddenPolicies.includes(name)) throw refuse(`cannot update ${quote(name)} policy`);
      this.tellLock();
      const old = kept ?? (await duringKey('unable to get existing policy for check-and-set', this.#stored(name)));
      const casRequired = change.casRequired ?? kept?.casRequired ?? false;
      // A patch without a version is never asked for one.
      const required = !patch && (casRequired || old?.casRequired === true);
      checkVersion(change.cas, required, old);
      await this.#save({
        name,
        raw,
        version: (old?.version ?? 0) + 1,
        casRequired,
        templated,
        expiration: change.expiration ?? kept?.expiration ?? 0,
        modified: this.#context.runtime.clock.wall(),
        allowWildcards: change.allowWildcards ?? kept?.allowWildcards ?? false,
        allowSlashes: change.allowSlashes ?? kept?.allowSlashes ?? false,
      });
    });
  }

  async delete(given: string): Promise<void> {
    const name = policyName(given);
    if (name === 'root' || hiddenPolicies.includes(name)) throw refuse(`cannot delete ${quote(name)} policy`);
    if (name === 'default') throw refuse('cannot delete default policy');
    await this.#locks.run(name, async () => {
      this.tellLock();
      await duringKey('failed to delete policy', this.#view.delete(name));
      this.invalidate(name);
    });
  }

  invalidate(name?: string): void {
    this.#epoch++;
    if (name === undefined) this.#loaded.clear();
    else this.#loaded.delete(name);
    this.#acls.clear();
  }

  async acl(subject: AclSubject): Promise<Acl> {
    const { policies, entity, inlinePolicy } = subject;
    if (policies.length === 1 && policies[0] === 'root') return this.#root;
    // What depends on other namespaces is not told of their changes.
    if (subject.elsewhere !== undefined) return (await this.#build(subject, this.#context.runtime.clock.wall())).acl;
    const key = `${policies.join('\n')}\n\n${entity?.id ?? ''}\n${inlinePolicy ?? ''}`;
    const cached = this.#acls.get(key);
    const now = this.#context.runtime.clock.wall();
    if (cached !== undefined && cached.entity === entity && now < cached.validUntil) {
      if (cached.changes === undefined || cached.changes === this.#context.services.identity.changes) return cached.acl;
    }
    const epoch = this.#epoch;
    const built = await this.#build(subject, now);
    if (epoch === this.#epoch) {
      this.#acls.delete(key);
      if (this.#acls.size >= CACHED) this.#acls.delete(this.#acls.keys().next().value!);
      this.#acls.set(key, { ...built, entity });
    }
    return built.acl;
  }

  async #granting(name: string): Promise<Loaded | undefined> {
    try {
      return await this.#load(name);
    } catch (error) {
      throw error instanceof Fault ? failure(`failed to get policy: failed to read policy: ${error.message}`) : error;
    }
  }

  async #build(subject: AclSubject, now: number): Promise<Omit<CachedAcl, 'entity'>> {
    const names = subject.policies.map(policyName);
    if (names.includes('root')) {
      if (names.length !== 1) throw failure('failed to construct ACL: other policies present along with root');
      return { acl: this.#root, validUntil: Number.MAX_SAFE_INTEGER, changes: undefined };
    }
    const loaded: Loaded[] = [];
    for (const name of new Set(names)) {
      const found = await this.#granting(name);
      if (found !== undefined) loaded.push(found);
    }
    for (const [id, names] of subject.elsewhere ?? []) {
      const there = this.#context.in(id);
      if (there === undefined) continue;
      for (const name of names) {
        const entry = await there.services.policies.get(name);
        if (entry !== undefined) loaded.push({ entry, parsed: parsePolicy(entry.raw), namespace: there.namespace });
      }
    }
    if (subject.inlinePolicy !== undefined && subject.inlinePolicy !== '') {
      const inline = parsePolicy(subject.inlinePolicy);
      loaded.push({
        entry: { ...rootEntry, name: '', raw: subject.inlinePolicy, templated: inline.templated },
        parsed: inline,
      });
    }
    const { entity } = subject;
    const templated = loaded.some(({ parsed }) => parsed.templated);
    const { identity } = this.#context.services;
    const grouped = templated && entity !== undefined;
    const changes = grouped ? identity.changes : undefined;
    const groups = grouped ? await identity.groups(entity) : [];
    let validUntil = Number.MAX_SAFE_INTEGER;
    const rules = loaded.flatMap(({ entry, parsed, namespace = this.#context.namespace }) => {
      if (entry.expiration !== 0) {
        if (entry.expiration <= now) return [];
        validUntil = Math.min(validUntil, entry.expiration);
      }
      const forbidden = [...(entry.allowWildcards ? [] : ['*', '+']), ...(entry.allowSlashes ? [] : ['/'])];
      const found = applicableRules(parsed, { entity, groups, forbidden }, now);
      validUntil = Math.min(validUntil, found.validUntil);
      return [{ name: entry.name, paths: found.paths, namespace }];
    });
    return { acl: new CompiledAcl(rules), validUntil, changes };
  }
}

function parsed(raw: string, namespace: string): ParsedPolicy {
  try {
    return parsePolicy(raw, namespace);
  } catch (error) {
    throw error instanceof PolicyError ? refuse(error.message) : error;
  }
}

function checkVersion(cas: number | undefined, required: boolean, old: PolicyEntry | undefined): void {
  if (cas === undefined) {
    if (required) throw refuse('check-and-set parameter required for this call');
    return;
  }
  if (cas === -1) {
    if (old !== undefined) throw refuse('check-and-set parameter set to -1 on existing entry');
    return;
  }
  const version = old?.version ?? 0;
  if (cas !== version) throw refuse(`check-and-set parameter ${cas} did not match the current version ${version}`);
}

/**
 * The audit devices of a node. A request goes on when at least one of them has logged it; with devices and none
 * succeeding it fails, before or after the work was done (facts §7).
 */
import { makeUuid } from '../../codec/uuid.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { multierror } from '../../codec/multierror.ts';
import { refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseBool } from '../../http/logical-request.ts';
import type { MountEntry } from '../mounts/entry.ts';
import { defaultConfig } from '../mounts/entry.ts';
import { clearPrefix } from '../mounts/table.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { AuditStanza } from './declared.ts';
import { reconcile } from './declared.ts';
import type { AuditDevice, OpenDevice } from './device.ts';
import type { FormatOptions } from './format.ts';
import { formatRequest, formatResponse } from './format.ts';
import { hasher } from './hash.ts';
import { AuditedHeaders } from './headers.ts';
import { checkOptions } from './options.ts';
import { recordWithoutCaller, type Audit, type AuditRecord, type AuditedResponse } from './record.ts';
import { loadDevices, saveDevices } from './table.ts';

export interface AuditContext {
  readonly runtime: Runtime;
  readonly barrier: Storage;
  readonly active: boolean;
  readonly open: OpenDevice;
  /** allow_audit_log_prefixing. */
  readonly prefixing: boolean;
}

interface Attached {
  readonly entry: MountEntry;
  readonly device: AuditDevice;
  readonly format: FormatOptions;
}

export interface NewDevice {
  /** Trailing '/'. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly options: Readonly<Record<string, string>>;
  readonly local: boolean;
}

export class AuditBroker implements Audit {
  readonly headers: AuditedHeaders;
  readonly #context: AuditContext;
  readonly #devices = new Map<string, Attached>();

  constructor(context: AuditContext) {
    this.#context = context;
    this.headers = new AuditedHeaders(context.barrier);
  }

  get enabled(): boolean {
    return this.#devices.size > 0;
  }

  /** Attaches the stored devices, and brings them in line with the configuration on the active node. */
  async load(declared: readonly AuditStanza[]): Promise<void> {
    const { barrier, active, runtime } = this.#context;
    await this.headers.load();
    const stored = await loadDevices(barrier);
    if (stored === undefined && active) await saveDevices(barrier, []);
    for (const entry of stored ?? []) {
      await this.#attach(entry);
      this.#tellOptions(entry);
      this.#tellEnabled(entry);
    }
    await reconcile(this, declared, active, runtime.log);
  }

  /** The configuration has changed. Rejects as `load` does; devices that are there go on. */
  async redeclare(declared: readonly AuditStanza[]): Promise<void> {
    await reconcile(this, declared, this.#context.active, this.#context.runtime.log);
  }

  /** In order of their paths. */
  list(): MountEntry[] {
    return [...this.#devices.values()].map(({ entry }) => entry).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Adds a device and stores it; a test line shows that it works. */
  async enable(wanted: NewDevice, table: 'audit' | 'audit-config' = 'audit'): Promise<void> {
    for (const path of this.#devices.keys()) {
      if (path.startsWith(wanted.path) || wanted.path.startsWith(path)) throw refuse('path already in use');
    }
    const bytes = (length: number) => this.#context.runtime.random.bytes(length);
    checkOptions(wanted.type, wanted.options, this.#context.prefixing);
    const entry: MountEntry = {
      table,
      path: wanted.path,
      type: wanted.type,
      description: wanted.description,
      options: wanted.options,
      local: wanted.local,
      uuid: makeUuid(bytes),
      backendAwareUuid: '',
      accessor: `audit_${wanted.type}_${encodeHex(bytes(4))}`,
      config: defaultConfig(),
      sealWrap: false,
      externalEntropy: false,
      namespaceId: rootNamespace.id,
      tainted: false,
    };
    const attached = await this.#make(entry);
    await attached.device.prepare?.();
    if (entry.type === 'file') await this.#test(attached);
    this.#tellOptions(entry);
    const untested = parseBool(wanted.options['skip_test'] ?? '') === true;
    if (entry.type !== 'file' && !untested) await this.#test(attached);
    this.#devices.set(entry.path, attached);
    await this.#save();
    this.#tellEnabled(entry);
  }

  /** Whether the configuration declares it, so that the API may not remove it. */
  isDeclared(path: string): boolean {
    return this.#devices.get(path)?.entry.table === 'audit-config';
  }

  /** False when there is none. */
  async disable(path: string): Promise<boolean> {
    const attached = this.#devices.get(path);
    if (!attached) return false;
    this.#devices.delete(path);
    await this.#save();
    await clearPrefix(this.#context.barrier, `audit/${attached.entry.uuid}/`);
    await attached.device.close();
    this.#tellRemoved(attached.entry);
    this.#context.runtime.log.write('info', 'core', 'disabled audit backend', { path });
    return true;
  }

  #tellEnabled({ path, type }: MountEntry): void {
    this.#context.runtime.log.write('info', 'core', 'enabled audit backend', { path, type });
  }

  /** What it is opened with; files are opened again when the server is told to. */
  #tellOptions({ path, type, options = {} }: MountEntry): void {
    const { log } = this.#context.runtime;
    const told = (shown: Readonly<Record<string, unknown>>): void =>
      log.write('debug', 'audit', `${type} backend options`, { path, ...shown });
    if (type === 'file') {
      log.write('debug', 'audit', 'adding reload function', { path });
      told({ file_path: options['file_path'] ?? options['path'] ?? '' });
    } else if (type === 'socket') told({ address: options['address'], 'socket type': options['socket_type'] ?? '' });
    else if (type === 'syslog') told({ facility: options['facility'] ?? '', tag: options['tag'] ?? '' });
  }

  #tellRemoved({ path, type }: MountEntry): void {
    if (type === 'file') this.#context.runtime.log.write('debug', 'audit', 'removing reload function', { path });
  }

  /** The digest a device would log; undefined when there is no such device. */
  digest(path: string, input: string): string | undefined {
    return this.#devices.get(path)?.format.hash(input);
  }

  logRequest(record: AuditRecord): Promise<void> {
    const at = this.#context.runtime.clock.wall();
    this.#context.runtime.trace({ kind: 'audit', what: 'request', id: record.request.id });
    return this.#log('request', record.request.path, (format) => formatRequest(record, at, format));
  }

  logResponse(record: AuditedResponse): Promise<void> {
    const at = this.#context.runtime.clock.wall();
    this.#context.runtime.trace({ kind: 'audit', what: 'response', id: record.request.id });
    return this.#log('response', record.request.path, (format) => formatResponse(record, at, format));
  }

  /** SIGHUP. */
  async reopen(): Promise<void> {
    for (const { device, entry } of this.#devices.values()) {
      if (entry.type === 'file') {
        this.#context.runtime.log.write('info', 'audit', 'reloading file audit backend', { path: entry.path });
      }
      await device.reopen();
    }
  }

  async stop(): Promise<void> {
    for (const { device, entry } of this.#devices.values()) {
      await device.close();
      this.#tellRemoved(entry);
    }
    this.#devices.clear();
  }

  async #log(what: 'request' | 'response', path: string, line: (format: FormatOptions) => string): Promise<void> {
    if (this.#devices.size === 0) return;
    const { metrics, log } = this.#context.runtime;
    const began = metrics?.now() ?? 0;
    let logged = false;
    for (const { device, format, entry } of this.#devices.values()) {
      try {
        const start = metrics?.now() ?? 0;
        await device.write(line(format));
        metrics?.since(`vault.audit.${entry.path}.log_${what}`, start);
        logged = true;
      } catch (error) {
        log.write('error', 'audit', `backend failed to log ${what}`, { backend: entry.path, error });
      }
    }
    metrics?.since(`vault.audit.log_${what}`, began);
    metrics?.count(`vault.audit.log_${what}_failure`, logged ? 0 : 1);
    if (logged) return;
    const error = new Error(multierror(`no audit backend succeeded in logging the ${what}`));
    const about = what === 'request' ? { path, error } : { request_path: path, error };
    log.write('error', 'core', `failed to audit ${what}`, about);
    throw error;
  }

  async #attach(entry: MountEntry): Promise<void> {
    this.#devices.set(entry.path, await this.#make(entry));
  }

  async #make(entry: MountEntry): Promise<Attached> {
    const { runtime, barrier, open } = this.#context;
    const options = entry.options ?? {};
    const device = open(entry.type, options, runtime);
    if (!device) throw refuse(`unknown backend type: "${entry.type}"`);
    const saltKey = `audit/${entry.uuid}/salt`;
    let salt = await barrier.get(saltKey);
    if (!salt) {
      salt = encodeUtf8(makeUuid((length) => runtime.random.bytes(length)));
      await barrier.put(saltKey, salt);
    }
    const format: FormatOptions = {
      hash: hasher(runtime.crypto, decodeUtf8(salt)),
      raw: parseBool(options['log_raw'] ?? '') === true,
      hmacAccessor: parseBool(options['hmac_accessor'] ?? '') !== false,
      elideLists: parseBool(options['elide_list_responses'] ?? '') === true,
      prefix: options['prefix'] ?? '',
      headers: this.headers,
    };
    return { entry, device, format };
  }

  async #test({ device, format, entry }: Attached): Promise<void> {
    const { runtime } = this.#context;
    const request = {
      id: makeUuid((length) => runtime.random.bytes(length)),
      operation: 'update' as const,
      path: 'sys/audit/test',
      data: {},
      namespace: rootNamespace,
      clientToken: '',
      headers: new Map(),
      remote: { address: '', port: 0 },
      unauthenticated: false,
      standby: false,
    };
    try {
      await device.write(formatRequest(recordWithoutCaller(request), runtime.clock.wall(), format));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (entry.type !== 'file') {
        const { path, type } = entry;
        runtime.log.write('error', 'core', 'new audit backend failed test', { path, type, error });
        throw refuse(`audit backend failed test message: ${reason}`);
      }
      const path = entry.options?.['file_path'] ?? entry.options?.['path'] ?? '';
      throw refuse(`sanity check failed; unable to open "${path}" for writing: ${reason}`);
    }
  }

  #save(): Promise<void> {
    return saveDevices(this.#context.barrier, this.list());
  }
}

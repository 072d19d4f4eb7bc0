/** Opened connections by name. One that a rotation or a new configuration has made stale is closed, not used. */
import { quote } from '../../codec/go-quote.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { ConnectionConfig } from './config.ts';
import { plugins } from './plugins/all.ts';
import { textDetail } from './plugins/details.ts';
import { kindOf, measured } from './plugins/measured.ts';
import { type Plugin, sanitized, textOf, withoutSecrets } from './plugins/plugin.ts';
import { UsernameFault } from './username.ts';

/** Details that complaints must not show, where it is more than the password. */
const hidden: Readonly<Record<string, readonly string[]>> = {
  cassandra: ['password', 'pem_bundle', 'pem_json'],
  redis: ['password', 'username'],
  valkey: ['password', 'username'],
};

/** Throws with upstream's text where the configuration makes no sense. */
function makePlugin({ plugin, details }: ConnectionConfig, runtime: Runtime): Plugin {
  const make = plugins.get(plugin);
  if (make === undefined) throw failure(`plugin not found in the catalog: ${plugin}`);
  runtime.log.write('debug', '', 'got database plugin instance', { type: kindOf(plugin) });
  const secrets = new Map(
    (hidden[plugin.split('-')[0]!] ?? ['password']).map((name) => [name, textDetail(details, name)]),
  );
  try {
    const made = make(details, runtime);
    const clean = sanitized(made, made.secrets ?? secrets);
    return runtime.metrics === undefined ? clean : measured(clean, plugin, runtime.metrics);
  } catch (error) {
    // Looked at before the details are: nobody knows by then what would be secret.
    throw error instanceof UsernameFault ? error : withoutSecrets(error, secrets);
  }
}

export const noConnection = (name: string) => failure(`failed to find entry for connection with name: ${quote(name)}`);

export class Connections {
  readonly #open = new Map<string, Promise<Plugin>>();
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The one that is open, unverified as it may be; else a new one that has just reached its database. */
  get(name: string, config: ConnectionConfig): Promise<Plugin> {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const opening = this.verified(config);
    this.#open.set(name, opening);
    opening.catch(() => {
      if (this.#open.get(name) === opening) this.#open.delete(name);
    });
    return opening;
  }

  put(name: string, plugin: Plugin): void {
    this.close(name);
    this.#open.set(name, Promise.resolve(plugin));
  }

  /** Uses under way end as they may. */
  close(name: string): void {
    const open = this.#open.get(name);
    this.#open.delete(name);
    open?.then((plugin) => this.dispose(plugin)).catch(() => undefined);
  }

  closeAll(): void {
    for (const name of this.#open.keys()) this.close(name);
  }

  dispose(plugin: Plugin): void {
    plugin.close().catch((error: unknown) => {
      const shown = textOf(error);
      this.#runtime.log.write('error', '', 'error closing database connection', { error: shown });
    });
  }

  /** A new one that has just reached its database, and is not kept. */
  verified(config: ConnectionConfig): Promise<Plugin> {
    return this.made(config, true);
  }

  /** Rejects where the configuration makes no sense, or the database is to be reached and is not. */
  async made(config: ConnectionConfig, verify: boolean): Promise<Plugin> {
    const plugin = makePlugin(config, this.#runtime);
    try {
      if (verify) await plugin.verify();
      plugin.settle?.();
    } catch (error) {
      this.dispose(plugin);
      throw error;
    }
    return plugin;
  }
}

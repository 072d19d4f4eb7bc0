/** Which other origins may call the API (sys/config/cors); kept in sys/config/cors of the system view. */
import type { JsonValue } from '../codec/json.ts';
import { parseObject, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { failure } from '../fault.ts';
import type { Storage } from '../storage/storage.ts';

const key = 'cors';

/** Allowed besides those configured. */
const standardHeaders: readonly string[] = [
  'Content-Type',
  'Authorization',
  'X-Vault-Token',
  'X-Vault-MFA',
  'X-Vault-No-Request-Forwarding',
  'X-Vault-Wrap-Format',
  'X-Vault-Wrap-TTL',
  'X-Requested-With',
  'X-Vault-AWS-IAM-Server-ID',
  'X-Vault-Policy-Override',
];

export interface CorsSettings {
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly allowCredentials: boolean;
}

export class Cors {
  readonly #storage: Storage;
  #settings: CorsSettings | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Undefined while it is off. */
  get settings(): CorsSettings | undefined {
    return this.#settings;
  }

  async load(): Promise<void> {
    const stored = await this.#storage.get(key);
    if (!stored) {
      this.#settings = undefined;
      return;
    }
    const fields = parseObject(stored);
    const enabled = fields['enabled'] === true || fields['enabled'] === 1;
    this.#settings = enabled
      ? {
          allowedOrigins: texts(fields['allowed_origins']),
          allowedHeaders: texts(fields['allowed_headers']),
          allowCredentials: fields['allow_credentials'] === true,
        }
      : undefined;
  }

  async enable(origins: readonly string[], headers: readonly string[], credentials: boolean): Promise<void> {
    if (origins.length === 0) throw failure('at least one origin or the wildcard must be provided');
    if (origins.length > 1 && origins.includes('*')) {
      throw failure("to allow all origins the '*' must be the only value for allowed_origins");
    }
    await this.#save({
      allowedOrigins: origins,
      allowedHeaders: [...standardHeaders, ...headers.filter((name) => !standardHeaders.includes(name))],
      allowCredentials: credentials,
    });
  }

  disable(): Promise<void> {
    return this.#save(undefined);
  }

  async #save(settings: CorsSettings | undefined): Promise<void> {
    this.#settings = settings;
    const row = new Map<string, JsonValue>([
      ['enabled', settings === undefined ? 0 : 1],
      ['allowed_origins', settings?.allowedOrigins ?? null],
      ['allowed_headers', settings?.allowedHeaders ?? null],
    ]);
    if (settings?.allowCredentials === true) row.set('allow_credentials', true);
    await this.#storage.put(key, encodeUtf8(`${print(row)}\n`));
  }
}

const texts = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

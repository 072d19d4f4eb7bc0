/** What of a node's configuration may change while it runs. */
import { asString } from '../codec/json-fields.ts';
import { type JsonObject, print } from '../codec/json.ts';
import { requestsLevel } from '../http/request-log.ts';
import type { Log, LogLevel } from '../runtime.ts';
import type { AuditBroker } from './audit/broker.ts';
import type { AuditStanza } from './audit/declared.ts';
import type { NodeConfig } from './config.ts';

export interface Reconfiguration {
  readonly logRequestsLevel: string;
  readonly sanitized: JsonObject;
  readonly audit: readonly AuditStanza[];
}

/** As the log has it, where the paths of audit devices stand as they were written down. */
export const sanitizedText = (sanitized: JsonObject): string => {
  const { audits } = sanitized;
  if (!Array.isArray(audits)) return print(sanitized);
  const written = (audits as JsonObject[]).map((audit) => ({
    ...audit,
    path: (asString(audit['path']) ?? '').replace(/\/$/, ''),
  }));
  return print({ ...sanitized, audits: written });
};

export class Reconfigurable {
  readonly #log: Log;
  #sanitized: JsonObject;
  #requestsLevel: LogLevel | undefined;

  constructor(log: Log, { logRequestsLevel, settings }: NodeConfig) {
    this.#log = log;
    this.#sanitized = settings.sanitized;
    this.#logRequests(logRequestsLevel ?? '');
  }

  get sanitized(): JsonObject {
    return this.#sanitized;
  }

  get requestsLevel(): LogLevel | undefined {
    return this.#requestsLevel;
  }

  /** What cannot be followed is logged. `devices`: the active node's. */
  async follow({ logRequestsLevel, sanitized, audit }: Reconfiguration, devices?: AuditBroker): Promise<void> {
    this.#sanitized = sanitized;
    this.#log.write('debug', 'core', 'set config', { 'sanitized config': sanitizedText(sanitized) });
    this.#logRequests(logRequestsLevel);
    if (devices !== undefined) {
      this.#log.write('debug', 'core.plugins', 'starting declarative plugin registration');
      this.#log.write('debug', 'core.plugins', 'declarative plugin registration completed');
    }
    try {
      await devices?.redeclare(audit);
    } catch (error) {
      this.#log.write('error', 'core', 'failed to set up audit logs on reload', { error });
    }
  }

  /** What is no level leaves the one there was. */
  #logRequests(level: string): void {
    const found = requestsLevel(level);
    if (found !== undefined) this.#requestsLevel = found;
    else if (level !== '') this.#log.write('warn', 'core', 'invalid log_requests_level', { level });
  }
}

/** How autopilot judges and what it may do; stored at `core/raft/autopilot/configuration` (facts §2.7). */
import { formatDuration, parseDuration } from '../../codec/duration.ts';
import { Plain } from '../../codec/log-text.ts';
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import { JsonNumber, type JsonObject, type JsonValue, jsonObject, parseObject, print } from '../../codec/json.ts';
import { type Micros, HOUR, MINUTE, SECOND } from '../../runtime.ts';

export const AUTOPILOT_CONFIG_PATH = 'core/raft/autopilot/configuration';

export interface AutopilotConfig {
  readonly cleanupDeadServers: boolean;
  readonly lastContactThreshold: Micros;
  readonly deadServerLastContactThreshold: Micros;
  readonly maxTrailingLogs: number;
  readonly minQuorum: number;
  readonly serverStabilizationTime: Micros;
}

export const defaultAutopilotConfig: AutopilotConfig = {
  cleanupDeadServers: false,
  lastContactThreshold: 10 * SECOND,
  deadServerLastContactThreshold: 24 * HOUR,
  maxTrailingLogs: 1000,
  minQuorum: 0,
  serverStabilizationTime: 10 * SECOND,
};

/** Upstream's refusal, or undefined. */
export function autopilotConfigFault(config: AutopilotConfig): string | undefined {
  if (config.cleanupDeadServers && config.minQuorum < 3) {
    return `min_quorum must be set when cleanup_dead_servers is set and it should at least be 3; cleanup_dead_servers: ${config.cleanupDeadServers}, min_quorum: 0x${BigInt(config.minQuorum).toString(16)}`;
  }
  if (config.cleanupDeadServers && config.deadServerLastContactThreshold < MINUTE) {
    return `dead_server_last_contact_threshold should not be set to less than 1m; received: ${config.deadServerLastContactThreshold / SECOND}`;
  }
  return undefined;
}

/** What upstream makes of a negative count. */
export const MOST_UINT64 = 2 ** 64;

const showUint64 = (count: number): JsonValue =>
  count === MOST_UINT64 ? new JsonNumber('18446744073709551615') : count;

/** As the API shows it. */
export const showAutopilotConfig = (config: AutopilotConfig): JsonObject =>
  jsonObject({
    cleanup_dead_servers: config.cleanupDeadServers,
    last_contact_threshold: formatDuration(config.lastContactThreshold),
    dead_server_last_contact_threshold: formatDuration(config.deadServerLastContactThreshold),
    max_trailing_logs: showUint64(config.maxTrailingLogs),
    min_quorum: showUint64(config.minQuorum),
    server_stabilization_time: formatDuration(config.serverStabilizationTime),
  });

/** As Go prints the struct, in the log; the second field is how it is stored. */
export const shownConfig = (config: AutopilotConfig): Plain =>
  new Plain(goTextOf(config), { ...showAutopilotConfig(config), cleanup_dead_servers_value: 0 });

const goTextOf = (config: AutopilotConfig): string =>
  `&{${[
    config.cleanupDeadServers,
    0,
    formatDuration(config.lastContactThreshold),
    formatDuration(config.deadServerLastContactThreshold),
    config.maxTrailingLogs,
    config.minQuorum,
    formatDuration(config.serverStabilizationTime),
  ].join(' ')}}`;

/** As it is stored; 1 is true and 2 false, 0 would be unset. */
export const printAutopilotConfig = (config: AutopilotConfig): string =>
  `${print({ ...showAutopilotConfig(config), cleanup_dead_servers_value: config.cleanupDeadServers ? 1 : 2 })}\n`;

export function parseAutopilotConfig(text: string | Uint8Array): AutopilotConfig {
  const stored = parseObject(text);
  const defaults = defaultAutopilotConfig;
  const duration = (name: string, otherwise: Micros): Micros => {
    const value = asString(stored[name]);
    const parsed = value === undefined ? 0 : parseDuration(value);
    return parsed === 0 ? otherwise : parsed;
  };
  const number = (name: string, otherwise: number): number => {
    const found = stored[name];
    const value = found instanceof JsonNumber ? MOST_UINT64 : (asNumber(found) ?? 0);
    return value === 0 ? otherwise : value;
  };
  const cleanup = asNumber(stored['cleanup_dead_servers_value']) ?? 0;
  return {
    cleanupDeadServers: cleanup === 0 ? (asBoolean(stored['cleanup_dead_servers']) ?? false) : cleanup === 1,
    lastContactThreshold: duration('last_contact_threshold', defaults.lastContactThreshold),
    deadServerLastContactThreshold: duration(
      'dead_server_last_contact_threshold',
      defaults.deadServerLastContactThreshold,
    ),
    maxTrailingLogs: number('max_trailing_logs', defaults.maxTrailingLogs),
    minQuorum: number('min_quorum', defaults.minQuorum),
    serverStabilizationTime: duration('server_stabilization_time', defaults.serverStabilizationTime),
  };
}

/** Autopilot's judgement as the API shows it. */
import { compareText } from '../../codec/bytes.ts';
import { formatDuration } from '../../codec/duration.ts';
import { type JsonValue, jsonObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { AutopilotState } from './autopilot.ts';

/** `sys/storage/raft/autopilot/state`, in upstream's order. */
export function showAutopilotState(state: AutopilotState): JsonValue {
  const servers = [...state.servers.values()].map((server): [string, JsonValue] => [
    server.id,
    new Map<string, JsonValue>([
      ['id', server.id],
      ['name', server.id],
      ['address', server.address],
      ['node_status', server.nodeStatus],
      ['last_contact', formatDuration(server.lastContact)],
      ['last_term', server.lastTerm],
      ['last_index', server.lastIndex],
      ['healthy', server.healthy],
      ['stable_since', formatRfc3339(server.stableSince)],
      ['status', server.status],
      ['version', server.version],
      ['node_type', server.nodeType],
    ]),
  ]);
  const nonVoters = [...state.servers.values()].filter(({ nodeType }) => nodeType === 'non-voter').map(({ id }) => id);
  return jsonObject({
    ...(nonVoters.length === 0 ? {} : { non_voters: nonVoters.sort(compareText) }),
    failure_tolerance: state.failureTolerance,
    healthy: state.healthy,
    leader: state.leader,
    servers: jsonObject(Object.fromEntries(servers)),
    voters: [...state.voters].sort(compareText),
  });
}

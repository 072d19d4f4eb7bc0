/**
 * Conversations with the real server as stories: what it was once asked is asked of a cluster, and what is answered has
 * to be what it answered, although between two requests leaders give way or die, and standbys are asked as well.
 */
import type { HttpRequest, HttpResponse } from '../core/http/message.ts';
import { SECOND } from '../core/runtime.ts';
import { EPOCH } from './clock.ts';
import { StoryFailure } from './failure.ts';
import type { Answer } from './network/http-wire.ts';
import { RecordedPlayer } from './recorded-player.ts';
import { openServer, URL_OF_ALL } from './recorded-servers.ts';
import { scenario, type Scenario } from './scenario.ts';
import { RESOLVER, serveRecorded, SERVICE } from './services/recorded-service.ts';

/** One conversation, held anew. Whoever runs stories brings them along: they lie in files. */
export interface Recorded {
  /** How many requests. */
  readonly length: number;
  readonly server: RecordedServer;
  /** Somebody else's service that the server is sent to. */
  readonly service?: RecordedStandIn;
  /** What is to be asked next, or again; undefined when all is said. */
  next(): RecordedRequest | undefined;
  /** Takes the answer. In how many ms to go on with the same; undefined: with the next. `played` in seconds. */
  hear(answer: Answer, played: number): number | undefined;
  /** Where what was answered differs from the recording, a line each. */
  differences(): readonly string[];
}

/**
 * What the conversation begins with. dev: a server that is open and has a token `root`; all others wait to be
 * initialised, and then for shares, but for auto. shares and auto let those ask who hold shares and no token.
 */
export type RecordedServer = 'dev' | 'bare' | 'raft' | 'shares' | 'auto';

export interface RecordedStandIn {
  answer(request: HttpRequest): HttpResponse;
  /** What the DNS knows, by name. */
  readonly texts?: ReadonlyMap<string, readonly string[]>;
}

export interface RecordedRequest {
  /** VISIT: what a browser does, by the whole URL of somebody else's page. */
  readonly method: string;
  /** From the slash on. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array | undefined;
  /** Milliseconds to wait before. */
  readonly wait: number;
}

/** Where a conversation is held. */
export interface RecordedPlace {
  /** Of the server. */
  readonly url: string;
  /** host:port of somebody else's service, and of the DNS. */
  readonly service: string;
  readonly resolver: string;
  /** Unix seconds. */
  now(): number;
}

/** Opens a conversation by its name with a server whose root token is `root`; undefined: no such recording. */
export type Recordings = (name: string, place: RecordedPlace) => Recorded | undefined;

export interface RecordedOptions {
  /** Why nothing may happen in between and nobody else be asked: what it is about is kept in a node's memory. */
  readonly calm?: string;
  /** Why nobody may fall in between; but standbys are asked. */
  readonly steady?: string;
  /** Why it is one node alone. */
  readonly alone?: string;
  /** Nodes that share a database instead of a log. */
  readonly storage?: 'postgresql';
  /** Differences that are right, as a cluster on raft is no server in memory. */
  readonly apart?: readonly RegExp[];
}

/** Right in every case: two times may be one in simulation, and what was empty in memory is null once it was read. */
const RIGHT: readonly RegExp[] = [
  / is <(?:time-\d+|second)>, not <(?:time-\d+|second)>$/,
  /\.(?:custom_metadata|member_entity_ids) is null, not (?:\{\}|\[\])$/,
  /: \.storage_type is raft, not inmem$/,
  /: \.replication_performance_mode is primary, not disabled$/,
  // Time passes while another becomes active.
  /\.warnings is \["TTL of \\"768h\\" exceeded the effective max_ttl of \\"767h59m\d+s\\"; [^"]*"\], not null$/,
];

/** Tells the story of a recorded case, by its name, e.g. 'transit/keys'. */
export function recorded(name: string, options: RecordedOptions = {}): Scenario {
  return scenario(`${name} is answered as the real server did`, { recorded: name }, async (sim) => {
    const now = (): number => Math.floor((EPOCH + sim.world.now) / SECOND);
    const told = sim.recorded(name, { url: URL_OF_ALL, service: SERVICE, resolver: RESOLVER, now });
    if (told.service !== undefined) serveRecorded(sim, told.service);
    const opened = await openServer(sim, told.server, options);
    await new RecordedPlayer(sim, opened, told, options).play();
    const right = [...RIGHT, ...(options.apart ?? [])];
    const wrong = told.differences().filter((line) => !right.some((known) => known.test(line)));
    if (wrong.length > 0)
      throw new StoryFailure(`${wrong.length} differences in ${told.length} answers:\n${wrong.slice(0, 5).join('\n')}`);
  });
}

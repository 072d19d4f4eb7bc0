/** Records that are not held against each other, each kind with its reason. Everything else has to be equal. */

interface Apart {
  readonly why: string;
  readonly is: RegExp;
  /** The only steps in which they are. */
  readonly only?: readonly string[];
}

const KINDS: readonly Apart[] = [
  { why: 'systemd is not told of anything', is: /would have sent systemd notification/ },
  {
    why: 'pools of goroutines, their queues and their workers: Go has to manage them, nobody here does',
    is: /^\[TRACE\] \S+: (created|initialized|starting|terminating) (dispatcher|job manager)/,
  },
  {
    why: 'pointers, and the stanza as a map of Go',
    is: /storage\.raft: applying raft config/,
  },
  {
    why: 'each key twice while it is invalidated',
    is: /core\.invalidate-dispatch: (processing|concluding processing of|unable to acquire)/,
  },
  {
    why: "hooks of Go's TLS",
    is: /core\.cluster-listener: (creating rpc dialer|performing (client|server) cert lookup|error handshaking)/,
  },
  {
    why: 'what peers see of one that closes depends on who looks first',
    is: /failed to decode incoming command: error="transport shutdown"|no TLS config found for ALPN|tls: internal error/,
  },
  {
    why: 'whether it is still listened for peers when that ends is chance',
    is: /storage\.raft\.raft-net: failed to accept connection: error="Raft RPC layer closed"/,
    only: ['seal', 'stop', 'standby sealed'],
  },
  { why: "whose version a follower's heartbeat is taken for", is: /received empty Vault version/ },
  { why: 'the keys of namespaces are synchronised now and then', is: /core: synchronizing namespace keys/ },
  {
    why: 'the entry of a new namespace is written twice there, once before its mounts',
    is: /invalidating namespace mounts: .* keys=\[\]/,
  },
  { why: 'a struct of Go, for who debugs it', is: /self-init: Performing profile request/ },
  { why: 'leases that are still loading when a term ends', is: /context canceled while restoring leases/ },
  {
    why: 'loops that Go ends and begins anew when it hears of somebody active; ours go on',
    is: /core: (shutting down (periodic|read-enabled|leader)|attempting leadership|stop channel triggered)/,
    only: ['second on PostgreSQL', 'step down on PostgreSQL', 'standby stops on PostgreSQL'],
  },
  {
    why: 'whether it serves reads already when it hears of somebody active, and begins anew, is chance',
    is: /done with read-enabled|expiration: (stop triggered|finished stopping)|stopping rollback manager|forwardRequest/,
    only: ['second on PostgreSQL'],
  },
  {
    why: 'a loop that begins once more while all ends; what is told to who has gone',
    is: /read-enabled standby|setting up GRPC-backed|unable to read leader information|failed to propagate write to peer/,
    only: ['standby stops on PostgreSQL'],
  },
  {
    why: 'ours serves no reads while nobody is active, and need not look whether that stays so',
    is: /bypassing GRPC leader requirements|polling to ensure lock remains unheld/,
    only: ['step down on PostgreSQL'],
  },
  {
    why: 'a mount is looked at twice there when it is heard of',
    is: /mount was modified/,
    only: ['changes on PostgreSQL'],
  },
  {
    why: 'a snapshot that is restored becomes a file first, which is packed by a library',
    is: /storage\.raft\.snapshot: |storage\.raft: (copied to local snapshot|snapshot restore progress)/,
    only: ['part of a snapshot', 'restored by snapshot', 'restored by snapshot-force'],
  },
  {
    why: 'what passes between the database engine and its plugins, which may be programs there',
    is: /-database-plugin: .*transport=builtin/,
    only: ['configured', 'users', 'not revoked', 'connection', 'unmounted', 'stop in memory'],
  },
  {
    why: 'a note that is written to see whether that is allowed, and found again',
    is: /deleting WAL with nil role or static account/,
    only: ['alone in memory'],
  },
  {
    why: 'whom an active node tells of changes',
    is: /core: invalidation: (starting|finished) invalidation|evicting stale invalidation client/,
  },
  {
    why: 'whom a node that wants to join asks every two seconds, with what luck, and how far it is itself, is timing',
    is: /raft retry join|join possible raft|raft challenge|retry join raft|from raft join|attempted unseal|security barrier not|seal configuration missing/,
    only: ['first alone', 'first initialised', 'second', 'third', 'standby back'],
  },
  {
    why: 'which of its connections a leader first misses somebody on',
    is: /storage\.raft: (failed to (heartbeat|append|contact)|appendEntries rejected|failed to get previous)/,
    only: ['second', 'third', 'standby sealed', 'standby back'],
  },
  {
    why: 'the entry of a new namespace is told twice there',
    is: /policy: acquiring lock/,
    only: ['namespace heard of'],
  },
  {
    why: 'the keys of a new namespace are looked at beside one another: those before its entry mean nothing yet',
    is: /mount was modified|key=oidc_(provider|tokens)/,
    only: ['namespace heard of'],
  },
  {
    why: 'whether it tries to unseal itself before it has initialised itself is chance',
    is: /stored unseal keys supported|failed to unseal core/,
    only: ['initialises itself'],
  },
  { why: 'gRPC', is: /core\.request-forward: failed to close tls connection/ },
  { why: 'how often a standby looks at an advertisement', is: /core: found new active node information/ },
  { why: "the goroutines around an active node's loop", is: /^\[TRACE\] core: runHALoopOnce/ },
  {
    why: 'how a listing goes on page by page; what is deleted is told',
    is: /^\[TRACE\] \S+: (listing page|iterating frontier|view deletion progress)/,
  },
  {
    why: "bbolt's file, which is opened while nobody is told of ours",
    is: /storage\.raft\.fsm: time to open database/,
  },
  {
    why: 'what is still being invalidated when a node becomes active is chance',
    is: /core\.invalidate-dispatch: core context canceled/,
  },
  {
    why: 'ours does not try what a standby must not do',
    is: /failed (to persist failed login user entry|to run locked user entry updates)/,
  },
  { why: 'a protobuf in its text form, whose spaces Go draws', is: /core: creating a new entity/ },
  {
    why: 'without high availability nobody is listened to, and nothing forwarded',
    is: /cluster.?listener|rpc listeners|request forwarding|clearing forwarding clients/,
    only: ['dev start', 'dev stop', 'alone in memory', 'stop in memory'],
  },
  {
    why: 'a key that initialisation makes and nobody uses',
    is: /core: generating (cluster private key|local cluster certificate)/,
    only: ['init', 'initialises itself', 'first initialised'],
  },
];

export const apart = (line: string, step: string): boolean =>
  KINDS.some(({ is, only }) => is.test(line) && only?.includes(step) !== false);

/**
 * What goes on beside everything else, so that it may stand anywhere among the records of its step: loops that begin or
 * end, what is looked at now and then, and what is loaded in the background.
 */
export const ANY_MOMENT: readonly RegExp[] = [
  /usage gauge collection is disabled/,
  /expiration: (collecting leases|leases collected|lease restore complete)/,
  /core: attempting leadership lock acquisition/,
  /core: (starting read-enabled standby loop iteration|attempting state lock acquisition)/,
  /core: attempted unseal with stored keys/,
  /core: acquired lock/,
  /core: done with read-enabled standby loop iteration/,
  /core: forwardRequest: forwarding disabled by client request/,
  /core: forwarding: (stopping heartbeating|error receiving invalidation)/,
  /core: post-unseal setup complete/,
  /core: finished triggering haLoopCh/,
  /core: entities loading/,
  /core: stop channel triggered/,
  /storage\.raft: reloaded raft config/,
  /storage\.raft: (finished setting up raft cluster|entering follower state)/,
  /core: generating (cluster private key|local cluster certificate)/,
  /core: security barrier not initialized/,
];

/** Tried again and again: whether it is there is compared, and not how often. */
export const REPEATED: readonly RegExp[] = [
  /core: cache invalidation: mount was modified/,
  /storage\.raft: failed to (heartbeat to|appendEntries to|contact|make requestVote)/,
  /core: post-unseal upgrade seal keys failed/,
  /core: (starting read-enabled|attempting state lock acquisition|setting up GRPC-backed|done with read-enabled)/,
  /core\.invalidate-dispatch: (stop triggered|finished stopping)/,
];

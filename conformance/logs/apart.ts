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
    only: ['dev start', 'dev stop'],
  },
  {
    why: 'a key that initialisation makes and nobody uses',
    is: /core: generating (cluster private key|local cluster certificate)/,
    only: ['init'],
  },
];

export const apart = (line: string, step: string): boolean =>
  KINDS.some(({ is, only }) => is.test(line) && only?.includes(step) !== false);

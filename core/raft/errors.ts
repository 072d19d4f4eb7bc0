/** Why raft refused or gave up: the texts are hashicorp/raft's, because they reach operators and clients. */
export const raftErrors = {
  'not-leader': 'node is not the leader',
  'not-voter': 'node is not a voter',
  'leadership-lost': 'leadership lost while committing log',
  'aborted-by-restore': 'snapshot restored while committing log',
  shutdown: 'raft is already shutdown',
  'enqueue-timeout': 'timed out enqueuing operation',
  'nothing-to-snapshot': 'nothing new to snapshot',
  'cannot-bootstrap': 'bootstrap only works on new clusters',
  'transfer-in-progress': 'leadership transfer in progress',
} as const;

export type RaftErrorCode = keyof typeof raftErrors | 'other';

export class RaftError extends Error {
  readonly code: RaftErrorCode;
  constructor(code: RaftErrorCode, message: string) {
    super(message);
    this.name = 'RaftError';
    this.code = code;
  }
}

/** One of the fixed refusals. */
export const raftError = (code: keyof typeof raftErrors): RaftError => new RaftError(code, raftErrors[code]);

/** A refusal with a text of its own. */
export const raftFailure = (message: string): RaftError => new RaftError('other', message);

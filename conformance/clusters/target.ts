/** A cluster that scripts are played to, real or simulated. */
export interface Sent {
  readonly method: string;
  /** From the slash on. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface Got {
  /** 0: no answer. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface Target {
  /** Of the running cluster, spares not among them. */
  readonly nodes: readonly string[];
  readonly rootToken: string;
  /** Base64 unseal shares, none with an auto seal. */
  readonly shares: readonly string[];
  /** host:port of the API and of the cluster listener. */
  address(node: string): { readonly api: string; readonly cluster: string };
  /** Answers within 20 s or gives status 0. */
  send(node: string, request: Sent): Promise<Got>;
  /** Milliseconds. */
  wait(duration: number): Promise<void>;
  /** SIGKILL, SIGSTOP, SIGCONT; `start` also brings a spare up for the first time. */
  kill(node: string): Promise<void>;
  stop(node: string): Promise<void>;
  resume(node: string): Promise<void>;
  start(node: string): Promise<void>;
}

/** Who outside keeps track of what this node is: service registration. */
export interface Registration {
  /** Says what a node is that has just begun, and catches up from then on with what could not be said. */
  start(): Promise<void>;
  stop(): void;
  // Each resolves when it has been said, or put off; none rejects. They are said in the order of the calls.
  initialised(): Promise<void>;
  sealed(sealed: boolean): Promise<void>;
  active(active: boolean): Promise<void>;
}

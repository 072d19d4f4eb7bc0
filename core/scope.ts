/**
 * A span of validity: the active context of a node, a request, a connection. Cancelling a scope cancels its children
 * first-registered first, synchronously. (What Go's context is for; deadlines are timers that cancel.)
 */
export class Scope {
  #reason: Error | undefined;
  readonly #watchers = new Set<(reason: Error) => void>();

  constructor(parent?: Scope) {
    parent?.onCancel((reason) => this.cancel(reason));
  }

  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): Error | undefined {
    return this.#reason;
  }

  cancel(reason: Error = new Error('context canceled')): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const watch of this.#watchers) watch(reason);
    this.#watchers.clear();
  }

  /** Calls `watch` at once when already cancelled. Returns a function that stops watching. */
  onCancel(watch: (reason: Error) => void): () => void {
    if (this.#reason !== undefined) {
      watch(this.#reason);
      return () => {};
    }
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }

  /** Throws the reason when cancelled. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }
}

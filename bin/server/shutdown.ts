/** How a server is asked to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * From now on the process is asked to end, not made to: who is asked while it begins ends afterwards, for half a
 * beginning may be of no use. Asked twice, by whichever of the two, it ends at once.
 */
export class Shutdown {
  #asked = false;
  #stop: (() => void) | undefined;

  constructor() {
    const ask = (): void => {
      for (const signal of SIGNALS) process.off(signal, ask);
      console.log('==> OpenBao shutdown triggered');
      this.#asked = true;
      this.#stop?.();
    };
    for (const signal of SIGNALS) process.on(signal, ask);
  }

  /** The beginning is over. `stop` is called once, if ever. */
  begun(stop: () => void): void {
    this.#stop = stop;
    if (this.#asked) stop();
  }
}

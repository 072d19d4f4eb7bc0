/** One of the servers that an interoperation test talks to. */
import type { Running } from '../targets/target.ts';

export type Data = Record<string, unknown>;

export class Side {
  readonly name: string;
  readonly #running: Running;

  constructor(name: string, running: Running) {
    this.name = name;
    this.#running = running;
  }

  get address(): string {
    return this.#running.addresses[0]!;
  }

  /** The data of the answer. Rejects for anything but a success. */
  async call(method: string, path: string, body?: Data): Promise<Data> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': this.#running.token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.name}: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as { data: Data }).data;
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}

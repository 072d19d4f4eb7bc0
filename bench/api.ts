/** JSON in, JSON out. */
export class Api {
  readonly address: string;
  readonly token: string;

  constructor(address: string, token: string) {
    this.address = address;
    this.token = token;
  }

  /** Throws on a status of 400 and above. */
  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': this.token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Calls until the status is 200, for so many seconds at least: a node that became active, a mount being upgraded. */
  async eventually(method: string, path: string, seconds = 10): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.call(method, path);
        return;
      } catch (error) {
        if (attempt >= seconds * 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

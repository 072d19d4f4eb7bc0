/** One HTTP exchange with a target, as it was on the wire: any method, headers in order, nothing followed or decoded. */
import { isUtf8 } from 'node:buffer';
import { Agent, request as plain } from 'node:http';
import { Agent as TlsAgent, request as secure } from 'node:https';

export interface Request {
  readonly method: string;
  /** From the slash on, query included, sent as it is. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array | undefined;
}

export interface Answer {
  /** 0: no answer (connection refused or reset, or nothing within the timeout). */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Keeps connections; `close` ends them. */
export class Client {
  readonly address: string;
  readonly #agent: Agent;
  readonly #timeout: number;

  /** `timeout` in ms. */
  constructor(address: string, timeout = 60_000) {
    this.address = address;
    this.#timeout = timeout;
    this.#agent = address.startsWith('https:')
      ? new TlsAgent({ keepAlive: true, rejectUnauthorized: false })
      : new Agent({ keepAlive: true });
  }

  send({ method, path, headers, body }: Request): Promise<Answer> {
    const { protocol, hostname, port } = new URL(this.address);
    return new Promise((resolve) => {
      const failed = (): void => resolve({ status: 0, headers: [], body: '' });
      const lines = headers.flat();
      lines.push('Host', port === '' ? hostname : `${hostname}:${port}`);
      if (body !== undefined) lines.push('Content-Length', String(Buffer.byteLength(body)));
      const outgoing = (protocol === 'https:' ? secure : plain)(
        { agent: this.#agent, hostname, port, method, path, headers: lines, timeout: this.#timeout },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', failed);
          incoming.on('end', () => {
            const raw = incoming.rawHeaders;
            const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]!] as const] : []));
            resolve({ status: incoming.statusCode ?? 0, headers: pairs, body: textOf(Buffer.concat(chunks)) });
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', failed);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Bytes that are no text, as DER, stand in base64. */
export const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');

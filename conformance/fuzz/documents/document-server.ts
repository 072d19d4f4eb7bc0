/** Serves the documents that are not sent but fetched. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listening, type Listening } from '../../fixtures/listening.ts';

export class DocumentServer {
  readonly #documents: Map<string, string>;
  readonly #listening: Listening;

  private constructor(documents: Map<string, string>, at: Listening) {
    this.#documents = documents;
    this.#listening = at;
  }

  static async start(): Promise<DocumentServer> {
    const documents = new Map<string, string>();
    const server = createServer(({ url = '' }, response) => {
      response.setHeader('Content-Type', 'application/json').end(documents.get(url) ?? '');
    });
    return new DocumentServer(documents, await listening(server));
  }

  addressOf(document: string): string {
    const path = `/${createHash('sha256').update(document).digest('hex')}`;
    this.#documents.set(path, document);
    return `http://127.0.0.1:${this.#listening.port}${path}`;
  }

  stop(): Promise<void> {
    return this.#listening.end();
  }
}

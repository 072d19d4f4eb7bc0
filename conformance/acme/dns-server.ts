/** A small DNS server on loopback (RFC 1035): one address for every name, and the texts that a test has said. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';

const TYPES = { A: 1, TXT: 16 };
const CODES = { servfail: 2, nxdomain: 3, refused: 5 };

/** Texts, or how it refuses. */
export type Records = readonly string[] | keyof typeof CODES;

export class DnsServer {
  /** By name in lower case, without a dot at its end. */
  readonly texts = new Map<string, Records>();
  /** Names that have no address: how they are refused. */
  readonly unreachable = new Map<string, Records>();
  readonly #address: string;
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server;

  private constructor(address: string) {
    this.#address = address;
    this.#udp.on('message', (message, from) => {
      this.#udp.send(this.#answer(message), from.port, from.address);
    });
    this.#tcp = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        const answer = this.#answer((bytes as Buffer).subarray(2));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.end(Buffer.concat([length, answer]));
      });
    });
  }

  /** Every name is at `address`. */
  static async start(address: string): Promise<DnsServer> {
    for (let attempt = 0; ; attempt++) {
      const server = new DnsServer(address);
      await new Promise<void>((resolve, reject) => {
        server.#udp.once('error', reject);
        server.#udp.bind(0, '127.0.0.1', resolve);
      });
      try {
        await new Promise<void>((resolve, reject) => {
          server.#tcp.once('error', reject);
          server.#tcp.listen(server.port, '127.0.0.1', resolve);
        });
        return server;
      } catch (error) {
        // Somebody has the port for TCP.
        server.#udp.close();
        if (attempt === 10) throw error;
      }
    }
  }

  get port(): number {
    return this.#udp.address().port;
  }

  async stop(): Promise<void> {
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
      new Promise((resolve) => this.#tcp.close(resolve)),
    ]);
  }

  #answer(message: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at]!; length > 0; length = message[at]!) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = message.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    const address = this.unreachable.get(name) ?? [this.#address];
    const found = type === TYPES.TXT ? (this.texts.get(name) ?? 'nxdomain') : address;
    const texts = typeof found === 'string' || (type !== TYPES.A && type !== TYPES.TXT) ? [] : found;
    const data = texts.map((text) =>
      type === TYPES.A ? Buffer.from(text.split('.').map(Number)) : Buffer.concat(pieces(Buffer.from(text))),
    );
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (typeof found === 'string' ? CODES[found] : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(data.length, 6);
    header.writeUInt32BE(0, 8);
    const records = data.map((bytes) => {
      // The name is that of the question; a minute to live.
      const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, 0]);
      record.writeUInt16BE(bytes.length, 10);
      return Buffer.concat([record, bytes]);
    });
    return Buffer.concat([header, message.subarray(12, at + 5), ...records]);
  }
}

/** A text as strings of at most 255 bytes. */
function pieces(text: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at === 0 || at < text.length; at += 255) {
    const piece = text.subarray(at, at + 255);
    found.push(Buffer.from([piece.length]), piece);
  }
  return found;
}

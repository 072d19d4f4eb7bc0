/**
 * What raft keeps about snapshots. The state itself is the replicated state machine's; here is only the note of what
 * it covers, and the place where a snapshot lies between its arrival and its restore.
 */
import { readUint32, writeUint32 } from '../codec/bytes.ts';
import { crc32 } from '../codec/crc32.ts';
import type { Disk, DiskFile } from '../runtime.ts';
import { readConfiguration, writeConfiguration } from './configuration.ts';
import type { SnapshotHead, SnapshotSource } from './effects.ts';
import { WireReader, WireWriter } from './wire.ts';

const READ_SIZE = 256 * 1024;

export class SnapshotStore {
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** The last note, if there is one. Throws when it is damaged. */
  async head(): Promise<SnapshotHead | undefined> {
    const path = `${this.#folder}/head`;
    const bytes = await this.#disk.readFile(path);
    if (bytes === undefined) return undefined;
    if (bytes.length < 4 || readUint32(bytes, 0) !== crc32(bytes.subarray(4))) {
      throw new Error(`raft snapshot note ${path} is corrupt`);
    }
    const reader = new WireReader(bytes, 4);
    const index = reader.number();
    const term = reader.number();
    const configurationIndex = reader.number();
    return { index, term, configurationIndex, configuration: readConfiguration(reader) };
  }

  async writeHead(head: SnapshotHead): Promise<void> {
    const writer = new WireWriter();
    writer.number(head.index);
    writer.number(head.term);
    writer.number(head.configurationIndex);
    writeConfiguration(writer, head.configuration);
    const body = writer.take();
    const bytes = new Uint8Array(4 + body.length);
    writeUint32(bytes, 0, crc32(body));
    bytes.set(body, 4);
    await this.#disk.writeFile(`${this.#folder}/head`, bytes, { sync: true, mode: 0o600 });
  }

  /** Keeps the pieces that come in, in order. */
  async receive(source: SnapshotSource): Promise<SnapshotSink> {
    const path = this.#path(source);
    await this.#disk.remove(path);
    return new SnapshotSink(await this.#disk.open(path, { create: true, mode: 0o600 }));
  }

  async *read(source: SnapshotSource): AsyncGenerator<Uint8Array> {
    const file = await this.#disk.open(this.#path(source), { create: false });
    try {
      const size = file.size();
      for (let at = 0; at < size; at += READ_SIZE) yield await file.read(at, Math.min(READ_SIZE, size - at));
    } finally {
      await file.close();
    }
  }

  async discard(source: SnapshotSource): Promise<void> {
    await this.#disk.remove(this.#path(source));
  }

  #path(source: SnapshotSource): string {
    return `${this.#folder}/from-${source}`;
  }
}

export class SnapshotSink {
  readonly #file: DiskFile;
  #size = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#file.write(this.#size, piece);
    this.#size += piece.length;
  }

  /** Makes it durable; resolves with its size. */
  async finish(): Promise<number> {
    await this.#file.sync();
    await this.#file.close();
    return this.#size;
  }

  async cancel(): Promise<void> {
    await this.#file.close();
  }
}

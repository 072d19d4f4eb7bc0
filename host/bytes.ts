/** Node's Buffers and plain bytes: each sees the other's memory. */

/** A Buffer is not a Uint8Array where it matters (`slice` shares memory, `toString` decodes). */
export const plain = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);

export const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

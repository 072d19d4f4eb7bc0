/** Answers of Redis, as its protocol (RESP 2) writes them. */
export type RedisReply = string | number | null | readonly RedisReply[];

interface Found {
  readonly reply: RedisReply | Error;
  /** How many bytes it takes. */
  readonly length: number;
}

/** Undefined: more bytes are to come. */
export function parseReply(bytes: Buffer, from = 0): Found | undefined {
  const end = bytes.indexOf('\r\n', from);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', from + 1, end);
  const next = end + 2;
  switch (bytes[from]) {
    case 0x2b:
      return { reply: line, length: next - from };
    case 0x2d:
      return { reply: new Error(line), length: next - from };
    case 0x3a:
      return { reply: Number(line), length: next - from };
    case 0x24:
      return text(bytes, Number(line), from, next);
    case 0x2a:
      return list(bytes, Number(line), from, next);
    default:
      return {
        reply: new Error(`unexpected answer ${JSON.stringify(bytes.toString('latin1', from, end))}`),
        length: next - from,
      };
  }
}

function text(bytes: Buffer, size: number, from: number, start: number): Found | undefined {
  if (size < 0) return { reply: null, length: start - from };
  const end = start + size;
  if (bytes.length < end + 2) return undefined;
  return { reply: bytes.toString('utf8', start, end), length: end + 2 - from };
}

function list(bytes: Buffer, size: number, from: number, start: number): Found | undefined {
  if (size < 0) return { reply: null, length: start - from };
  const replies: RedisReply[] = [];
  let at = start;
  for (let i = 0; i < size; i++) {
    const found = parseReply(bytes, at);
    if (found === undefined) return undefined;
    at += found.length;
    // An error inside of a list makes the whole an error.
    if (found.reply instanceof Error) return { reply: found.reply, length: at - from };
    replies.push(found.reply);
  }
  return { reply: replies, length: at - from };
}

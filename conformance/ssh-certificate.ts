/** OpenSSH certificates as a line of text that says what they say, without what differs between any two of them. */

/** A cursor over the wire format of RFC 4251, section 5. */
class Wire {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('truncated');
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  number(): number {
    return this.take(4).readUInt32BE();
  }

  long(): bigint {
    return this.take(8).readBigUInt64BE();
  }

  bytes(): Buffer {
    return this.take(this.number());
  }

  text(): string {
    return this.bytes().toString();
  }

  list<T>(one: (inner: Wire) => T): T[] {
    const inner = new Wire(this.bytes());
    const items: T[] = [];
    while (inner.left > 0) items.push(one(inner));
    return items;
  }
}

/** How many strings a public key of the type has. */
const PARTS: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

const CERTIFICATE = /\b[a-z0-9-]+-cert-v01@openssh\.com ([A-Za-z0-9+/]+=*)/g;

/** Each certificate in the text told in words; what is none is left as it is. */
export const tellCertificates = (text: string): string =>
  text.includes('-cert-v01@openssh.com ') ? text.replace(CERTIFICATE, (all, blob: string) => told(blob) ?? all) : text;

function told(base64: string): string | undefined {
  try {
    const wire = new Wire(Buffer.from(base64, 'base64'));
    const type = wire.text();
    const nonce = wire.bytes();
    const plain = type.replace('-cert-v01', '').replace(/^(?!sk-)(.*)@openssh\.com$/, '$1');
    const parts = Array.from({ length: PARTS[plain]! }, () => wire.bytes());
    const serial = wire.long();
    const kind = wire.number() === 1 ? 'user' : 'host';
    const keyId = wire.text();
    const principals = wire.list((inner) => inner.text());
    const from = wire.long();
    const until = wire.long();
    const options = (): string[] =>
      wire.list((inner) => `${inner.text()}=${inner.list((value) => value.text()).join()}`);
    const [critical, extensions] = [options(), options()];
    const reserved = wire.bytes();
    const authority = wire.bytes();
    const signature = new Wire(wire.bytes());
    const odd = nonce.length !== 32 || serial === 0n || reserved.length > 0 || wire.left > 0 ? ' odd' : '';
    return [
      `<${type}${odd}: ${kind} ${JSON.stringify(keyId)} of ${plain} ${blob([Buffer.from(plain), ...parts])}`,
      `for [${principals.join(' ')}], ${until - from} s, critical [${critical.join(' ')}]`,
      `extensions [${extensions.join(' ')}], by ${new Wire(authority).text()} ${authority.toString('base64')}`,
      `with ${signature.text()}>`,
    ].join(', ');
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function blob(parts: readonly Buffer[]): string {
  const lengths = parts.map(({ length }) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(length);
    return prefix;
  });
  return Buffer.concat(parts.flatMap((part, index) => [lengths[index]!, part])).toString('base64');
}

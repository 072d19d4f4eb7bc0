/** Whether an address lies in one of the given blocks (bound_cidrs): '10.0.0.0/8', '::1/128', or plain addresses. */
export function inCidrs(address: string, blocks: readonly string[]): boolean {
  const bits = addressBits(address);
  return bits !== undefined && blocks.some((block) => inBlock(bits, block));
}

function inBlock(bits: string, block: string): boolean {
  const [base = '', length] = block.split('/');
  const baseBits = addressBits(base);
  if (baseBits?.length !== bits.length) return false;
  const prefix = length === undefined ? bits.length : Number(length);
  return bits.slice(0, prefix) === baseBits.slice(0, prefix);
}

/** 32 or 128 binary digits; undefined for what is no address. IPv4 in IPv6 counts as IPv4. */
function addressBits(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) {
    const octets = plain.split('.').map(Number);
    return octets.every((octet) => octet < 256) ? octets.map((octet) => binary(octet, 8)).join('') : undefined;
  }
  if (!plain.includes(':')) return undefined;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = 8 - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 0) return undefined;
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right].map((group) => Number.parseInt(group, 16));
  return groups.every((group) => group >= 0 && group < 65_536)
    ? groups.map((group) => binary(group, 16)).join('')
    : undefined;
}

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0');

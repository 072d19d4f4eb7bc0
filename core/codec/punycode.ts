/** Punycode (RFC 3492): what a label of a domain name becomes in ASCII, and the way back. */

const [BASE, T_MIN, T_MAX, SKEW, DAMP] = [36, 1, 26, 38, 700];

const digit = (value: number): string => String.fromCharCode(value < 26 ? value + 97 : value + 22);

function adapt(delta: number, points: number, first: boolean): number {
  let left = first ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  left += Math.floor(left / points);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + SKEW));
}

function variableLength(value: number, bias: number): string {
  let [text, left] = ['', value];
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
    if (left < threshold) return text + digit(left);
    text += digit(threshold + ((left - threshold) % (BASE - threshold)));
    left = Math.floor((left - threshold) / (BASE - threshold));
  }
}

/** Without the `xn--` in front. */
export function encodePunycode(text: string): string {
  const points = Array.from(text, (character) => character.codePointAt(0)!);
  const basic = points.filter((point) => point < 0x80);
  let out = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '');
  let [n, delta, bias, handled] = [0x80, 0, 72, basic.length];
  while (handled < points.length) {
    let next = Infinity;
    for (const point of points) if (point >= n && point < next) next = point;
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      out += variableLength(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return out;
}

/** 0 to 25 for letters of either case, then 26 to 35; -1 for anything else. */
const valueOf = (digit: string | undefined): number => 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(digit ?? '?');

const LARGEST = 0x7fffffff;

/** Of what stands behind the `xn--`; undefined where that is none, counted in 32 bits as Go does. */
export function decodePunycode(text: string): string | undefined {
  const hyphen = text.lastIndexOf('-');
  if (hyphen === 0) return undefined;
  const points = Array.from(text.slice(0, Math.max(hyphen, 0)), (character) => character.codePointAt(0)!);
  const digits = text.slice(hyphen + 1).toLowerCase();
  let [n, i, bias] = [0x80, 0, 72];
  for (let at = 0; at < digits.length;) {
    const before = i;
    for (let k = BASE, weight = 1; ; k += BASE) {
      const value = valueOf(digits[at++]);
      i += value * weight;
      if (value < 0 || i > LARGEST) return undefined;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (value < threshold) break;
      weight *= BASE - threshold;
      if (weight > LARGEST) return undefined;
    }
    const length = points.length + 1;
    if (length > 1024) return undefined;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    if (n > 0x10ffff) return undefined;
    i %= length;
    points.splice(i++, 0, n);
  }
  return String.fromCodePoint(...points.map((point) => (point >= 0xd800 && point < 0xe000 ? 0xfffd : point)));
}

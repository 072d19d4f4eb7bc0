/** Numbers as Go's 'g' format with the shortest digits, which the Prometheus text form has. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  // JavaScript writes exponents only below 1e-6 and from 1e21, so what is between is plain.
  if (power >= -4 && power < 6) return String(value);
  const size = Math.abs(power);
  return `${digits}e${power < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
}

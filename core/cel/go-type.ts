/** %T of cel-go's values. */
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Optional, Timestamp, TypeValue, Uint } from './values.ts';

export function goType(value: CelValue): string {
  if (value === null) return 'types.Null';
  if (typeof value === 'boolean') return 'types.Bool';
  if (typeof value === 'bigint') return 'types.Int';
  if (typeof value === 'number') return 'types.Double';
  if (typeof value === 'string') return 'types.String';
  if (value instanceof Uint) return 'types.Uint';
  if (value instanceof Uint8Array) return 'types.Bytes';
  if (value instanceof List) return '*types.baseList';
  if (value instanceof CelMap) return '*types.baseMap';
  if (value instanceof Timestamp) return 'types.Timestamp';
  if (value instanceof Duration) return 'types.Duration';
  if (value instanceof TypeValue) return '*types.Type';
  return value instanceof Optional ? '*types.Optional' : '*types.protoObj';
}

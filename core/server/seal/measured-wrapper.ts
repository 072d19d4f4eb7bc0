/** A seal that counts and times what it is asked, for all seals together and for its kind. */
import { measure } from '../../telemetry/measure.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { SealWrapper } from './wrapper.ts';

/** Changes the wrapper itself. */
export function measureSeal(wrapper: SealWrapper, metrics: Metrics): void {
  const counted = (name: string) => (): string => {
    metrics.count(name);
    return `${name}.time`;
  };
  for (const prefix of ['vault.seal', `vault.seal.${wrapper.type}`]) {
    measure(wrapper, metrics, { encrypt: counted(`${prefix}.encrypt`), decrypt: counted(`${prefix}.decrypt`) });
  }
}

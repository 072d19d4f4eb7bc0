/** Puts a clock around methods of a service, so that the service itself need not know of metrics. */
import type { Metrics } from './metrics.ts';

type Names = string | readonly string[];
type Named = Names | ((args: readonly never[]) => Names | undefined);

/** `names` gives the metrics of each method, one or several; a function may find them from the arguments, or none. */
export function measure<T extends object>(target: T, metrics: Metrics, names: Partial<Record<keyof T, Named>>): void {
  for (const [method, name] of Object.entries(names) as [string, Named][]) {
    const original = (target as Record<string, unknown>)[method];
    if (typeof original !== 'function') throw new Error(`${method} is no method`);
    const call = original as (...args: unknown[]) => unknown;
    Object.defineProperty(target, method, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]): unknown => {
        const found = typeof name === 'function' ? name(args as never[]) : name;
        if (found === undefined) return call.apply(target, args);
        const start = metrics.now();
        const result = call.apply(target, args);
        const done = (): void => {
          if (typeof found === 'string') metrics.since(found, start);
          else for (const metric of found) metrics.since(metric, start);
        };
        if (result instanceof Promise) void result.then(done, done);
        else done();
        return result;
      },
    });
  }
}

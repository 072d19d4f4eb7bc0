/** Puts a clock around methods of a service, so that the service itself need not know of metrics. */
import type { Metrics } from './metrics.ts';

type Named = string | ((args: readonly never[]) => string | undefined);

/** `names` gives the metric of each method; a function may find it from the arguments, or none. */
export function measure<T extends object>(target: T, metrics: Metrics, names: Partial<Record<keyof T, Named>>): void {
  for (const [method, name] of Object.entries(names) as [string, Named][]) {
    const original = (target as Record<string, unknown>)[method];
    if (typeof original !== 'function') throw new Error(`${method} is no method`);
    const call = original as (...args: unknown[]) => unknown;
    Object.defineProperty(target, method, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]): unknown => {
        const metric = typeof name === 'string' ? name : name(args as never[]);
        if (metric === undefined) return call.apply(target, args);
        const start = metrics.now();
        const result = call.apply(target, args);
        const done = (): void => metrics.since(metric, start);
        if (result instanceof Promise) void result.then(done, done);
        else done();
        return result;
      },
    });
  }
}

/** A log of its own for who is known by a name: what it writes under `x` stands there as `name.x`, under '' as `name`. */
import type { Log, Runtime } from './runtime.ts';

export function namedLog(log: Log, name: string): Log {
  return {
    write: (level, part, message, fields) => log.write(level, part === '' ? name : `${name}.${part}`, message, fields),
  };
}

/** The same runtime with such a log. */
export const withNamedLog = (runtime: Runtime, name: string): Runtime =>
  Object.create(runtime, { log: { value: namedLog(runtime.log, name), enumerable: true } }) as Runtime;

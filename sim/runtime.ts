/** All that a program on a simulated machine can touch, for one of its lives. */
import type { Log, LogLevel, Runtime } from '../core/runtime.ts';
import { countTrace } from '../core/telemetry/from-trace.ts';
import { Metrics } from '../core/telemetry/metrics.ts';
import type { TraceEvent } from '../core/trace.ts';
import { ProcessClock } from './clock.ts';
import { ProcessCpu } from './cpu.ts';
import { ProcessDatabases } from './databases.ts';
import { ProcessDisk } from './disk/disk.ts';
import type { Machine } from './machine.ts';
import { ProcessDatagrams } from './network/datagrams.ts';
import { greet, ProcessNames } from './network/names.ts';
import { ProcessNetwork } from './network/network.ts';
import type { Process } from './process.ts';
import { ProcessWeb } from './network/web.ts';

export interface SimRuntime extends Runtime {
  readonly datagrams: ProcessDatagrams;
}

export function simRuntime(machine: Machine, process: Process): SimRuntime {
  const { world, name } = machine;
  const clock = new ProcessClock(world, machine.clock, process);
  const log: Log = {
    write(level: LogLevel, logger: string, message: string, fields?: Readonly<Record<string, unknown>>): void {
      if (!process.alive) return;
      const said = { at: world.now, wall: clock.wall(), node: name, level, name: logger, message };
      world.log(fields === undefined ? said : { ...said, fields });
    },
  };
  const metrics = new Metrics(clock, { messages: false });
  const network = new ProcessNetwork(machine.network, machine.host, process);
  return {
    name,
    clock,
    metrics,
    random: world.random(`node/${name}`),
    network,
    web: new ProcessWeb({ network, clock }),
    databases: new ProcessDatabases(network, clock),
    streams: {
      dial: (address, timeout) => network.dial(address, timeout),
      greet: (address, greeting, timeout) => greet({ network, clock }, address, greeting, timeout),
    },
    datagrams: new ProcessDatagrams(machine.network, machine.host, process, clock),
    names: new ProcessNames({ network, clock }),
    disk: new ProcessDisk(machine.disk, process, machine.host.kernel),
    cpu: new ProcessCpu(machine.cores, process),
    crypto: machine.crypto,
    log,
    trace(event: TraceEvent): void {
      if (!process.alive) return;
      countTrace(metrics, event);
      world.trace(name, event);
    },
  };
}

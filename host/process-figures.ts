/** What this process needs of its machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import type { ProcessFigures } from '../core/server/gauges.ts';

const PAGE = 4_096;
/** Jiffies a second, as Linux tells every program. */
const TICKS = 100;

let collections = 0;
let collecting = 0;
let observing = false;

/** From the first time that somebody asks. */
function observe(): void {
  if (observing) return;
  observing = true;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collections++;
      collecting += duration * 1_000_000;
    }
  }).observe({ entryTypes: ['gc'] });
}

export function processFigures(): ProcessFigures {
  observe();
  const { heapUsed, rss } = process.memoryUsage();
  return { allocated: heapUsed, system: rss, collections, collecting: Math.round(collecting), process: ofLinux() };
}

/** By the names that Prometheus has for them; empty where there is no /proc. */
function ofLinux(): Record<string, number> {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const booted = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const limit = (name: string): number => {
      const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(limits)?.[1] ?? '';
      return value === 'unlimited' ? Number(2n ** 64n) : Number(value);
    };
    const traffic = readFileSync('/proc/self/net/netstat', 'utf8').split('\n');
    const ip = (name: string): number => {
      const rows = traffic.filter((line) => line.startsWith('IpExt: ')).map((line) => line.split(' '));
      return Number(rows[1]?.[rows[0]?.indexOf(name) ?? -1]);
    };
    return {
      process_cpu_seconds_total: (Number(fields[11]) + Number(fields[12])) / TICKS,
      process_max_fds: limit('Max open files'),
      process_network_receive_bytes_total: ip('InOctets'),
      process_network_transmit_bytes_total: ip('OutOctets'),
      process_open_fds: readdirSync('/proc/self/fd').length,
      process_resident_memory_bytes: Number(fields[21]) * PAGE,
      process_start_time_seconds: booted + Number(fields[19]) / TICKS,
      process_virtual_memory_bytes: Number(fields[20]),
      process_virtual_memory_max_bytes: limit('Max address space'),
    };
  } catch {
    return {};
  }
}

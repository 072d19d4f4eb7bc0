import { readFileSync } from 'node:fs';
import { portableCrypto } from '../core/crypto/portable.ts';
import { nodePump } from '../host/pump.ts';
import { RaftBench } from '../sim/raft-bench.ts';
const crypto = portableCrypto();
const real = JSON.parse(readFileSync('/work/shared/upstream/failover-2.7.2.json', 'utf8'));
const q = (a: number[], p: number) => [...a].sort((x, y) => x - y)[Math.floor(p * (a.length - 1))]!;
function ks(a: number[], b: number[]): [number, number] {
  const all = [...a, ...b].sort((x, y) => x - y);
  let d = 0;
  for (const v of all)
    d = Math.max(d, Math.abs(a.filter((x) => x <= v).length / a.length - b.filter((x) => x <= v).length / b.length));
  const n = (a.length * b.length) / (a.length + b.length);
  const l = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * d;
  let p = 0;
  for (let k = 1; k < 100; k++) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * l * l);
  return [d, Math.min(1, Math.max(0, p))];
}
async function row(mult: number, fault: 'kill' | 'stop', seed: string, trials: number): Promise<number[]> {
  const c = new RaftBench(crypto, { performanceMultiplier: mult, seed });
  const w = c.bench.world;
  const until = async (done: () => boolean, max = 300e6) => {
    const end = w.now + max;
    await nodePump(w, () => done() || w.nextTime > end);
  };
  const sleep = (us: number) => until(() => false, us);
  let s = Number(seed) * 7919 + 1;
  const rnd = () => (s = (s * 1103515245 + 12345) % 2147483648) / 2147483648;
  await until(() => c.leader !== undefined);
  await sleep(25e6);
  const out: number[] = [];
  for (let t = 0; t < trials; t++) {
    await until(
      () =>
        c.leader !== undefined &&
        c.nodes.every(
          (n) =>
            n.machine.state === 'running' &&
            n.raft !== undefined &&
            (n.raft.isLeader() || n.raft.leader()?.id === c.leader!.name),
        ),
    );
    await sleep(150e3 + 1.5e6 + rnd() * 5e5);
    const l = c.leader!;
    const at = w.now;
    if (fault === 'kill') l.machine.kill();
    else l.machine.pause();
    await until(
      () => c.leader !== undefined && c.leader !== l && c.leader.raft!.commitIndex() === c.leader.raft!.lastIndex(),
    );
    out.push((w.now - at) / 1e3);
    await sleep(230e3);
    if (fault === 'kill') l.machine.restart();
    else l.machine.resume();
    await sleep(10e3);
  }
  return out;
}
for (const mult of [1, 5])
  for (const fault of ['kill', 'stop'] as const) {
    const ours: number[] = [];
    const n = fault === 'kill' ? 30 : mult === 1 ? 16 : 14;
    for (let k = 0; k < 20; k++) ours.push(...(await row(mult, fault, String(k), n)));
    const theirs: number[] = real['quiet machine'][`multiplier ${mult}`][fault];
    const [d, p] = ks(ours, theirs);
    console.log(
      mult,
      fault,
      'n',
      ours.length,
      'ours',
      [0, 0.25, 0.5, 0.75, 1].map((x) => Math.round(q(ours, x))),
      'real',
      [0, 0.25, 0.5, 0.75, 1].map((x) => q(theirs, x)),
      'D',
      d.toFixed(3),
      'p',
      p.toFixed(3),
    );
  }

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readShrunk, root, Workplace } from './shrink.fixture.ts';

const place = new Workplace();
afterAll(() => place.remove());

test('of a timetable what has nothing to do with it is left out', async () => {
  const text = `import { expect, scenario } from ${JSON.stringify(join(root, 'sim/story.ts'))};
scenario('nobody else ever leads', async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  const [standby] = bao.followers;
  const { leader } = bao;
  sim.at('1s', 'stop a standby', () => bao.pause(standby));
  sim.at('2s', 'let it go on', () => bao.resume(standby));
  sim.at('5s', 'kill the leader', () => bao.kill(leader));
  sim.at('6s', 'start it again', () => bao.restart(leader));
  sim.at('20s', 'break connections', () => sim.network.reset(leader, standby));
  await sim.run('30s');
  expect(sim.elections).toBe(0);
});`;
  writeFileSync(join(place.folder, 'nobody-else.scenario.ts'), text);
  const { stdout } = await place.steamer('shrink', 'nobody-else.scenario.ts', '--seed', '5');
  expect(readShrunk(stdout)).toMatchObject({ left: 1, before: 3 });
  expect(stdout).toMatch(/FAULT #2 kill the leader \[n1\]\n/);
  expect(stdout).not.toContain('stop a standby');
  expect(stdout).toMatch(/story +VIOLATION expected 1 to be 0\n/);
  expect(stdout).toMatch(/ --seed 5 --until violation --without 1,3\n/);
}, 60_000);

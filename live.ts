/**
 * `npm run test:live`: the tests against real servers, two files at once, as they mostly wait. Others' servers run
 * in real time and have their moods, so a file where something fails is tried once more, by itself and from its
 * beginning, and is named. Words on the command line choose files, as vitest's do.
 */
import { relative } from 'node:path';
import { startVitest, type TestModule } from 'vitest/node';

async function run(files: readonly string[], maxWorkers: number): Promise<readonly TestModule[]> {
  const vitest = await startVitest('test', [...files], { config: 'vitest.live.config.ts', watch: false, maxWorkers });
  const modules = vitest.state.getTestModules();
  await vitest.close();
  return modules;
}

const ok = (module: TestModule): boolean => module.ok();

const count = (modules: readonly TestModule[], state: string): number =>
  modules.flatMap((module) => [...module.children.allTests()]).filter((test) => test.result().state === state).length;

const first = await run(process.argv.slice(2), 2);
const bad = first.filter((module) => !ok(module)).map((module) => relative(process.cwd(), module.moduleId));
let last = first;
if (bad.length > 0) {
  console.log(`tried again: ${bad.join(' ')}`);
  last = [...first.filter(ok), ...(await run(bad, 1))];
}
const broken = last.filter((module) => !ok(module) && count([module], 'failed') === 0).length;
const failed = count(last, 'failed') + broken;
console.log(`${count(last, 'passed')} passed, ${failed} failed`);
process.exit(failed === 0 && last.length > 0 ? 0 : 1);

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { oursInProcess } from '../targets/ours.ts';
import { Asked, RECORDED, recordedAs } from './sweep.ts';

test('help shows the routes, parameters and types of 2.7.2', async () => {
  const recorded = readFileSync(RECORDED, 'utf8').trimEnd().split('\n');
  const asked = await Asked.start(oursInProcess());
  try {
    const found: string[] = [];
    for (const line of recorded) {
      const question = { path: line.split('\t')[0]! };
      found.push(recordedAs(question, await asked.ask(question)));
    }
    expect(found).toEqual(recorded);
  } finally {
    await asked.stop();
  }
  expect(recorded.length).toBeGreaterThan(500);
});

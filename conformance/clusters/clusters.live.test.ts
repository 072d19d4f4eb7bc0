/** Plays every script to a real cluster and writes down what it answered (RECORD=1), or compares it to what is written. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeFolder } from '../cluster.ts';
import { baoProgram } from '../program.ts';
import { play } from './play.ts';
import { RealTarget } from './real.ts';
import { differences, loadRecording, saveRecording } from './recording.ts';
import { loadScript, scriptNames } from './script.ts';

/** All of them take ten minutes; CLUSTER_SCRIPTS=all plays them, RECORD=1 writes them down anew. */
const QUICK = ['status', 'reads', 'index'];
const everything = process.env['CLUSTER_SCRIPTS'] === 'all' || process.env['RECORD'] === '1';

describe('a real cluster answers what was recorded', () => {
  test.each(everything ? scriptNames() : QUICK)('%s', async (name) => {
    const script = loadScript(name);
    const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    const target = await RealTarget.start([await baoProgram()], folder, script.plan);
    try {
      const lines = await play(script, target);
      if (process.env['RECORD'] === '1') saveRecording(name, lines);
      expect(differences(name, loadRecording(name), lines)).toEqual([]);
    } finally {
      await target.close();
      await removeFolder(folder);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { hasRecording, differences, loadRecording } from './recording.ts';
import { loadScript, scriptNames } from './script.ts';
import { playSimulated } from './simulated.ts';

describe('a simulated cluster answers what a real one was recorded to answer', () => {
  test.each(scriptNames())('%s', async (name) => {
    expect(hasRecording(name)).toBe(true);
    expect(differences(name, loadRecording(name), await playSimulated(loadScript(name)))).toEqual([]);
  });
});

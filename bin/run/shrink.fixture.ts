/** `steamer` in a folder of its own, where it leaves its capsules. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'steamer-shrink-'));

  constructor() {
    symlinkSync(join(root, 'scenarios'), join(this.folder, 'scenarios'));
  }

  steamer(...words: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const all = [join(root, 'bin/steamer.ts'), ...words];
      execFile(process.execPath, all, { cwd: this.folder }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** How many faults were left of how many, and the flags of the line that plays what is left. */
export function readShrunk(text: string): { readonly left: number; readonly before: number; readonly again: string[] } {
  const [, left, before] = /^(\d+) of (\d+) faults? (?:is|are) left, after \d+ runs$/m.exec(text) ?? [];
  const [, again] = /^ {4}reproduce: npx steamer (.*)$/m.exec(text) ?? [];
  return { left: Number(left), before: Number(before), again: again!.split(' ') };
}

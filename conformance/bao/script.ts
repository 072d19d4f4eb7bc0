/**
 * Scripts of `bao` commands that run against any server. A line is a shell command; `NAME = command` keeps its output
 * in $NAME for later lines; indented lines continue the one before (here-documents); '#' starts a comment.
 */
import { spawn } from 'node:child_process';
import { endGroup } from '../fixtures/answering.ts';

export interface Step {
  readonly line: number;
  readonly capture: string | undefined;
  readonly command: string;
}

export interface Outcome {
  readonly command: string;
  readonly exit: number;
  readonly output: string;
}

export function parseScript(text: string): Step[] {
  const steps: { line: number; capture: string | undefined; command: string }[] = [];
  text.split('\n').forEach((line, index) => {
    if (/^\s+\S/.test(line) && steps.length > 0) {
      steps.at(-1)!.command += `\n${line.replace(/^ {2}/, '')}`;
      return;
    }
    if (line.trim() === '' || line.startsWith('#')) return;
    const [, capture, command] = /^(?:([A-Z_]+) = )?(.*)$/.exec(line)!;
    steps.push({ line: index + 1, capture, command: command! });
  });
  return steps;
}

/**
 * Runs the steps in order, each in a shell of its own; a failing command does not end the script. What a step leaves in
 * the background (its output redirected, or the step does not end) lives until the script is over.
 */
export async function runScript(
  steps: readonly Step[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome[]> {
  const variables: Record<string, string> = {};
  const outcomes: Outcome[] = [];
  const groups: number[] = [];
  try {
    for (const { capture, command } of steps) {
      const { exit, output } = await shell(command, { ...environment, ...variables }, groups);
      if (capture !== undefined) variables[capture] = output.trim();
      outcomes.push({ command, exit, output });
    }
  } finally {
    for (const group of groups) endGroup(group);
  }
  return outcomes;
}

function shell(
  command: string,
  environment: Readonly<Record<string, string>>,
  groups: number[],
): Promise<{ exit: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      detached: true,
    });
    if (child.pid !== undefined) groups.push(child.pid);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exit: code ?? -1, output }));
  });
}

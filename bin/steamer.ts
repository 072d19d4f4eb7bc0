#!/usr/bin/env node
/** The program: finds the command and loads only what it needs. */
import module from 'node:module';
import { reportFailure } from './failure.ts';

// As published, this is the first file that an old Node sees.
if (module.registerHooks === undefined) {
  console.error(`steamer: needs Node 22.18 or newer, and this is ${process.version}`);
  process.exit(1);
}

// Types are stripped and code is compiled once, not at every start.
module.enableCompileCache();

/** Resolves with the exit code. */
export type Command = (words: readonly string[]) => Promise<number>;

/** Each file exports `command`. */
const commands: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<{ command: Command }> }>
> = {
  run: { about: 'Play stories under seeds in the simulated world', load: () => import('./commands/run.ts') },
  replay: { about: 'Play a recorded run again', load: () => import('./commands/replay.ts') },
  shrink: {
    about: 'Leave out of a failed run what it does not need to fail',
    load: () => import('./commands/shrink.ts'),
  },
  reproduce: {
    about: 'Tell an outage out of the nodes’ logs, and play it again',
    load: () => import('./commands/reproduce.ts'),
  },
  matrix: {
    about: 'Play the same seeds on every Node, crypto and pump, and compare',
    load: () => import('./commands/matrix.ts'),
  },
  fidelity: {
    about: 'Hold simulated failover times against the real server’s',
    load: () => import('./commands/fidelity.ts'),
  },
  bugs: { about: 'Plant known bugs and see them caught', load: () => import('./commands/bugs.ts') },
  conform: {
    about: 'Hold one server against another, operation by operation',
    load: () => import('./commands/conform.ts'),
  },
  fuzz: {
    about: 'Send bent requests to two servers and see what only the first cannot take',
    load: () => import('./commands/fuzz.ts'),
  },
  server: { about: 'Answer the OpenBao API over HTTP', load: () => import('./commands/server.ts') },
};

function usage(): string {
  const lines = Object.entries(commands).map(([name, { about }]) => `    ${name.padEnd(12)}${about}`);
  return `Usage: steamer <command> [options]\n\nCommands:\n${lines.join('\n')}`;
}

async function main(words: readonly string[]): Promise<number> {
  const [name = '', ...rest] = words;
  if (['', '-h', '-help', '--help', 'help'].includes(name)) {
    console.log(usage());
    return name === '' ? 127 : 0;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    console.error(`steamer: unknown command ${JSON.stringify(name)}; "steamer help" lists them`);
    return 127;
  }
  try {
    const { command } = await found.load();
    return await command(rest);
  } catch (error) {
    return reportFailure(error);
  }
}

// What nobody waits for ends the program in the same way, unless a simulated world takes it for its own (host/pump.ts).
process.on('uncaughtException', (error) => process.exit(reportFailure(error)));
process.on('unhandledRejection', (error) => {
  if (process.listenerCount('unhandledRejection') === 1) process.exit(reportFailure(error));
});

process.exitCode = await main(process.argv.slice(2));

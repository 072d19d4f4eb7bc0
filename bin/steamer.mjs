#!/usr/bin/env node
/**
 * Starts steamer.ts. Not TypeScript itself, because Node can take a program's first file only from its source: it
 * would load its compiler (40 ms, 15 MiB) at every start. All others come compiled from its cache.
 */
import module from 'node:module';

if (module.registerHooks === undefined) {
  console.error(`steamer: needs Node 22.18 or newer, and this is ${process.version}`);
  process.exit(1);
}

module.enableCompileCache();

// Our files name each other exactly; Node's own search for each of some three hundred costs 30 ms.
module.registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL !== undefined
      ? { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});

await import('./steamer.ts');

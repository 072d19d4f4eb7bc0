import type { Bug } from './bug.ts';

export const wrappingTokenKept: Bug = {
  name: 'wrapping-token-kept',
  breaks: 'A wrapped answer is opened once.',
  source: 'Response wrapping is worth nothing if the second opener is not told; the use is what tells.',
  edits: [
    {
      file: 'core/server/wrapping/wrapping.ts',
      find: `if (!callerIsWrapping && (await tokens.use(entry)) === undefined) throw invalid();`,
      replace: ``,
    },
    {
      file: 'core/server/request.ts',
      find: `token = await active.services.tokens.use(token);`,
      replace: `if (!token.policies.includes('response-wrapping')) token = await active.services.tokens.use(token);`,
    },
    {
      file: 'core/server/request.ts',
      find: `return token?.numUses === -1 ? afterLastUse`,
      replace: `return token?.numUses === -1 && !token.policies.includes('response-wrapping') ? afterLastUse`,
    },
  ],
  stories: ['scenarios/tokens/wrapped-once.scenario.ts'],
  seed: 1,
};

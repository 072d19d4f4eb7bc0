import type { Bug } from './bug.ts';

export const doneBeforeLogged: Bug = {
  name: 'done-before-logged',
  breaks: 'What no audit device could log is not done.',
  source: 'The request is logged before the work, so that one that cannot be logged can be refused.',
  edits: [
    {
      file: 'core/server/request.ts',
      find: `  if (trail.enabled && !(await trail.request())) return failed(failure(multierror('internal error')), auth);
`,
      replace: '',
    },
    {
      file: 'core/server/request.ts',
      find: `    response = await active.mounts.router.route(request);
`,
      replace: `    response = await active.mounts.router.route(request);
    if (trail.enabled && !(await trail.request())) return failed(failure(multierror('internal error')), auth);
`,
    },
  ],
  stories: ['scenarios/audit/no-device-no-work.scenario.ts'],
  seed: 1,
};

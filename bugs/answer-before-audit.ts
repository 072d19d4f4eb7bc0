import type { Bug } from './bug.ts';

export const answerBeforeAudit: Bug = {
  name: 'answer-before-audit',
  breaks: 'No answer leaves before its audit line is written.',
  source: 'Not waiting for the device is the obvious way to make auditing fast, and to answer what no log knows.',
  edits: [
    {
      file: 'core/server/audit/broker.ts',
      find: `return this.#log('response', record.request.path, (format) => formatResponse(record, at, format));`,
      replace: `void this.#context.runtime.clock.sleep(10_000).then(() => this.#log('response', record.request.path, (format) => formatResponse(record, at, format)));
    return Promise.resolve();`,
    },
  ],
  stories: ['scenarios/audit/before-the-answer.scenario.ts'],
  seed: 1,
};

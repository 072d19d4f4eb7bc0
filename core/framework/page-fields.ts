/** What lists by pages take. */
import { field } from './field.ts';

const after = 'Lists only names after this one, which need not exist.';
const limit = 'The most names to list; all when zero or less.';

/** Where only lists take them: they are sent in the query, and OpenAPI, as upstream's, says nothing of them. */
export const pageFields = {
  after: field.string(after, { always: true, unlisted: true }),
  limit: field.int(limit, { always: true, unlisted: true }),
};

/** Where the same path is written to: upstream's OpenAPI has them in what is written. */
export const pageFieldsBesideWrites = {
  after: field.string(after, { always: true }),
  limit: field.int(limit, { always: true }),
};

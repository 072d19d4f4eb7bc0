/** What lists by pages take; sent in the query. */
import { field } from './field.ts';

export const pageFields = {
  after: field.string('Lists only names after this one, which need not exist.', { default: '', query: true }),
  limit: field.int('The most names to list; all when zero or less.', { default: 0, query: true }),
};

import { expect, test } from 'vitest';
import { shown } from './showing.ts';

const usual = { prefix: '', filters: [], otherwise: true, host: undefined };
const all = ['vault.core.active', 'vault.token.creation', 'vault.token.store'].map((name) => ({ name, labels: {} }));
const names = (changes: Partial<Parameters<typeof shown>[1]>) =>
  shown(all, { ...usual, ...changes }).map(({ name }) => name);

test('the longest filter that fits decides, and the default where none does', () => {
  expect(names({ filters: ['-vault', '+vault.token', '-vault.token.store'] })).toEqual(['vault.token.creation']);
  expect(names({ filters: ['+vault.core'], otherwise: false })).toEqual(['vault.core.active']);
  expect(names({ otherwise: false })).toEqual([]);
  expect(names({ prefix: 'own', filters: ['-own.token'] })).toEqual(['own.core.active']);
});

test('the machine is a label where that is wished', () => {
  expect(shown(all, { ...usual, host: 'h' })[0]).toEqual({ name: 'vault.core.active', labels: { host: 'h' } });
});

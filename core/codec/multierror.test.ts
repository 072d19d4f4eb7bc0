import { expect, test } from 'vitest';
import { multierror } from './multierror.ts';

test('one error is announced in the singular, several in the plural', () => {
  expect(multierror('a')).toBe('1 error occurred:\n\t* a\n\n');
  expect(multierror('a', 'b')).toBe('2 errors occurred:\n\t* a\n\t* b\n\n');
});

test('what is a multierror already stays as it is', () => {
  expect(multierror(multierror('a'))).toBe(multierror('a'));
});

import { expect, test } from 'bun:test';
import { initialsOf } from '../../../src/features/technicians/rules.ts';

test.each([
  ['Ana de la Cruz', 'AC'],
  ['Mo Kim', 'MK'],
  ['Cher', 'C'],
  ['  ana   ruiz ', 'AR'],
  ["'Big' Al O'Neil (nights)", 'BN'],
  ['Élodie Ñañez', 'ÉÑ'],
  ['ßara Klein', 'ßK'],
  ['Van 7', 'V'],
  ['007', 'T'],
])('initialsOf %p is %p', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

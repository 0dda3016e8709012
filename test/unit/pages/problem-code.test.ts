import { expect, it } from 'vitest';
import { problemCodeOf } from '../../../src/pages/problem-code.ts';

it.each`
  status | code
  ${400} | ${'unreadable'}
  ${405} | ${'unreadable'}
  ${413} | ${'unreadable'}
  ${422} | ${'unreadable'}
  ${429} | ${'busy'}
  ${500} | ${'failed'}
  ${503} | ${'busy'}
`('says $code of $status', ({ status, code }) => {
  expect(problemCodeOf(status)).toBe(code);
});

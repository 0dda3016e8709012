import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { roles } from '../../../src/access/roles.ts';
import { renderOutside, renderRoles } from './render-roles.ts';

const lines = readFileSync('docs/security.md', 'utf8').split('\n');
const tableBelow = (heading: string) => {
  const start = lines.findIndex((line, at) => at > lines.indexOf(heading) && line.startsWith('| ---'));
  const rest = lines.slice(start + 1);
  return rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('|')),
  );
};

it('has the roles in docs/security.md as they are', () => {
  expect(tableBelow('### Roles')).toEqual(renderRoles());
});

it('has there what a patient scope reads outside the compartment', () => {
  expect(tableBelow('### Outside the compartment')).toEqual(renderOutside());
});

it('says there who looks up and who breaks the glass', () => {
  const text = lines.join(' ');
  const who = (may: 'looksUp' | 'breaksGlass') =>
    Object.keys(roles).filter((name) => roles[name as keyof typeof roles][may]);
  expect(who('looksUp')).toEqual(['clinician', 'interface']);
  expect(text).toContain('A clinician and an interface account may look persons up');
  expect(who('breaksGlass')).toEqual(['administrator', 'clinician']);
  expect(text).toContain('an administrator and a clinician may break the glass');
});

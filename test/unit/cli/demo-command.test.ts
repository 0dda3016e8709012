import { expect, it } from 'vitest';
import { demoGreeting, findGreeted } from '../../../src/cli/demo-command.ts';

it.each([
  [100, 'demo-p-000005'],
  [5, 'demo-p-000005'],
  [4, 'demo-p-000004'],
  [2, 'demo-p-000002'],
  [0, undefined],
])('a demo of %d people greets one who is there', (people, id) => {
  const person = findGreeted(people);
  expect(person?.id).toBe(id);
  const shown = person && { ...person, forecast: 'Overdue\n' };
  const greeting = demoGreeting({ url: 'http://x', resources: 1, ...(shown && { person: shown }) });
  expect(greeting.includes('$immds-forecast')).toBe(id !== undefined);
  if (id) expect(greeting).toContain(`curl -s 'http://x/fhir/Patient/${id}/$immds-forecast`);
});

it('says what token a demo asks for that others can reach, and sends it along', () => {
  const person = { id: 'p', title: 'Somebody', forecast: '' };
  const greeting = demoGreeting({ url: 'http://x', resources: 1, person, token: 't0' });
  expect(greeting).toContain(
    "curl -s -H 'Authorization: Bearer t0' 'http://x/fhir/Patient/p/$immds-forecast",
  );
  expect(greeting).not.toContain('JENNER_AUTH=off');
});

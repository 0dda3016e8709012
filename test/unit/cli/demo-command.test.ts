import { expect, it } from 'vitest';
import { demoGreeting, describeDemo, findGreeted } from '../../../src/cli/demo-command.ts';

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

const logins = {
  start: 'http://x/demo?key=k',
  users: [{ login: 'parent', password: 'p1', role: 'individual', fhirUser: 'RelatedPerson/r' }],
  clients: [
    { client_id: 'c1', kind: 'public', name: 'Sample app', redirect: 'http://x/demo/app/', scope: 'openid' },
  ],
  token: 't0',
};

it('shows the users, the apps and a token, and sends it along', () => {
  const person = { id: 'p', title: 'Somebody', forecast: '' };
  const greeting = demoGreeting({ url: 'http://x', resources: 1, person, logins });
  expect(greeting).toContain(
    "curl -s -H 'Authorization: Bearer t0' 'http://x/fhir/Patient/p/$immds-forecast",
  );
  for (const text of ['http://x/demo?key=k ', 'parent  p1  individual', 'c1  public', 'Bearer t0']) {
    expect(greeting).toContain(text);
  }
  expect(greeting).not.toContain('JENNER_AUTH=off');
});

it('says that nobody needs a login where access control is off', () => {
  expect(demoGreeting({ url: 'http://x', resources: 1 })).toContain('JENNER_AUTH=off');
});

it('describes itself to a program', () => {
  expect(JSON.parse(describeDemo({ url: 'http://x', resources: 1, logins }))).toEqual({
    base: 'http://x/fhir',
    users: logins.users,
    clients: logins.clients,
    token: logins.token,
  });
});

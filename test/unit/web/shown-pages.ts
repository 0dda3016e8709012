import { consentBoxes } from '../../../src/auth/oauth/consent-boxes.ts';
import type { AppShown, AuthPages, Frame, Language, PersonShown } from '../../../src/pages/auth-pages.ts';
import { utc } from '../../../src/values/time-zone.ts';
import { authPagesWith } from '../../../src/web/auth-pages.ts';

export const pages: AuthPages = authPagesWith(
  { styles: '/app/assets/styles.css', icon: '/app/assets/icon.svg' },
  utc,
);

export const miles: PersonShown = { id: 'p-1', name: 'Miles Kowalski', birthDate: '2024-09-28' };
export const henry: PersonShown = { id: 'p-2', name: 'Henry Kowalski', birthDate: '2021-05' };
export const app: AppShown = { name: 'Growth Buddy', host: 'growth.example.org', verified: true };

export function frameOf(language: Language = 'en'): Frame {
  return { language, csrf: 'form-token', here: '/auth/authorize?state=1' };
}

export function signedIn(language: Language = 'en', here = '/app'): Frame {
  const user = { name: 'Madison Kowalski', role: 'individual' };
  return { ...frameOf(language), here, user, showsSeen: true };
}

export const hidden = { request: 'r-1' };

const login = 'madison';

export const scopes = [
  { scope: 'openid', checked: true },
  { scope: 'fhirUser', checked: true },
  { scope: 'offline_access', checked: false },
  { scope: 'launch/patient', checked: true },
  { scope: 'patient/Immunization.rs', checked: true },
  { scope: 'patient/Immunization.rs?status=completed', checked: false, within: 'patient/Immunization.rs' },
  { scope: 'patient/Patient.cruds', checked: true },
  { scope: 'user/*.read', checked: true },
];

/** A page of each kind, with most of what it can show. */
export function shownPages(language: Language, views: AuthPages = pages): Readonly<Record<string, string>> {
  const frame = frameOf(language);
  const user = signedIn(language);
  const record = signedIn(language, '/app/record/p-1/apps');
  return {
    'sign-in': views.signIn({
      ...frame,
      hidden,
      login,
      onlyAs: login,
      failure: 'wrong',
      app,
      providers: [{ name: 'Harborview', href: '/auth/upstream' }],
    }),
    'sign-in-code': views.signIn({ ...frame, hidden, failure: 'wrong-code', providers: [] }),
    picker: views.picker({ ...user, hidden, app, people: [miles, henry] }),
    'picker-search': views.picker({
      ...user,
      hidden,
      app,
      people: [miles],
      search: { text: 'Kowalski', tooMany: true },
      failure: 'choose',
    }),
    consent: views.consent({
      ...user,
      hidden,
      app,
      person: miles,
      scopes,
      until: '2027-11-29',
      canRemember: true,
    }),
    'consent-nothing': views.consent({
      ...user,
      hidden,
      app: { ...app, verified: false },
      scopes,
      failure: 'nothing',
    }),
    apps: views.apps({
      ...record,
      person: miles,
      grants: [
        {
          id: 'g-1',
          app: 'Growth Buddy',
          since: '2026-11-01T12:00:00.000Z',
          lastUsed: '2026-11-28T12:00:00.000Z',
          until: '2027-11-01',
          scopes: ['patient/Immunization.rs', 'offline_access'],
        },
        { id: 'g-2', app: 'School Forms', since: '2026-10-01', scopes: ['patient/*.rs'] },
      ],
      objects: false,
      notice: 'stopped',
    }),
    'apps-none': views.apps({ ...record, person: miles, grants: [], objects: true }),
    'own-apps': views.ownApps({
      ...signedIn(language, '/app/apps'),
      grants: [{ id: 'g-3', app: 'Harbor EHR', since: '2026-11-01', scopes: ['user/*.rs', 'launch'] }],
      notice: 'stopped',
    }),
    'consent-many': views.consent({
      ...user,
      hidden,
      app,
      person: miles,
      scopes: consentBoxes(['patient/*.rs', 'openid']),
    }),
    seen: views.seen({
      ...signedIn(language, '/app/record/p-1/seen'),
      person: miles,
      rows: [
        {
          when: '2026-11-28T12:00:00.000Z',
          who: 'S. Winworth',
          role: 'clinician',
          organization: 'Harborview Pediatrics',
          what: 'break-glass',
          why: 'ETREAT',
          breakGlass: true,
          refused: false,
        },
        {
          when: '2026-11-27',
          who: 'Growth Buddy',
          app: 'Growth Buddy',
          what: 'search',
          refused: false,
          breakGlass: false,
        },
      ],
      next: '/app/record/p-1/seen?after=2',
    }),
    account: views.account({ ...signedIn(language, '/app/account'), login, hasCode: false, failure: 'weak' }),
    'account-setup': views.account({
      ...signedIn(language, '/app/account'),
      login,
      hasCode: false,
      setup: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Jenner:madison?secret=JBSWY3DPEHPK3PXP' },
      failure: 'code',
    }),
    'account-recovery': views.account({
      ...signedIn(language, '/app/account'),
      login,
      hasCode: true,
      recovery: ['1111-2222', '3333-4444'],
      done: 'code-on',
    }),
    'signed-out': views.signedOut(frame),
    'ehr-record': views.ehrRecord({
      ...frame,
      ehr: 'Harbor EHR',
      person: miles,
      registry: 'known',
      canWrite: true,
      visit: 'v-1',
      forbidden: [
        {
          group: 'Influenza',
          vaccines: ['influenza, live, trivalent, intranasal'],
          because: [{ title: 'Immunocompromised', code: '003' }, { title: 'Something rare' }],
        },
        { group: 'MMR', vaccines: [], because: [] },
      ],
      due: [
        { group: 'Polio', urgency: 'overdue', since: '2025-01-28', doseNumber: 3 },
        { group: 'HepA', urgency: 'due' },
      ],
      doses: [
        { date: '2025-11-20', vaccine: 'MMR', in: 'ehr', notGiven: false, report: 'e-1' },
        { date: '2025-11', vaccine: 'Brand of nobody', in: 'ehr', notGiven: true, report: 'e-2' },
        { date: '2024-11-28', vaccine: 'IPV (Ipol)', in: 'registry', notGiven: false, write: 'r-1' },
        {
          vaccine: 'varicella',
          in: 'both',
          notGiven: false,
          notCounted: ['Too soon after another live vaccine', 'In words of nobody'],
        },
      ],
      missing: ['Observation', 'Procedure'],
      notice: {
        kind: 'written',
        count: 1,
        failed: [
          { date: '2024-11-28', vaccine: 'IPV', outcome: 'refused', why: 'HTTP 422' },
          { vaccine: 'MMR', outcome: 'unclear' },
          { date: '2024-09', vaccine: 'MMR', outcome: 'before' },
        ],
      },
    }),
    'ehr-record-empty': views.ehrRecord({
      ...frame,
      ehr: 'Harbor EHR',
      person: { name: 'Ida Nowak' },
      registry: 'unknown',
      canWrite: false,
      visit: 'v-1',
      forbidden: [],
      due: [],
      doses: [],
      missing: [],
      notice: 'other-visit',
    }),
    'unknown-ehr': views.problem({
      ...frame,
      status: 400,
      code: 'unknown-ehr',
      detail: 'iss: https://ehr.example/fhir',
    }),
    problem: views.problem({ ...frame, status: 500, code: 'failed', requestId: 'r-77' }),
    'problem-forged': views.problem({ ...frame, status: 403, code: 'forged', onward: '/app/account' }),
  };
}

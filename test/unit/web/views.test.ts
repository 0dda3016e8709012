import { describe, expect, it } from 'vitest';
import { consentBoxes } from '../../../src/auth/oauth/consent-boxes.ts';
import type { SignInPage } from '../../../src/pages/auth-pages.ts';
import en from '../../../src/web/languages/en.json' with { type: 'json' };
import { app, frameOf, hidden, miles, pages, scopes, shownPages, signedIn } from './shown-pages.ts';

const all = [...Object.entries(shownPages('en')), ...Object.entries(shownPages('es'))];

/** Values of an attribute in the order they stand. */
function valuesOf(html: string, pattern: RegExp): readonly string[] {
  return [...html.matchAll(pattern)].map(([, value = '']) => value);
}

describe('a code that was not taken', () => {
  it('is told from one that is missing', () => {
    const say = (failure: NonNullable<SignInPage['failure']>) =>
      pages.signIn({ ...frameOf(), hidden, failure, providers: [] });
    expect(say('code')).toContain(en['sign-in.failure.code']);
    expect(say('wrong-code')).toContain(en['sign-in.failure.wrong-code']);
  });
});

describe('the set-up of a code', () => {
  it('shows the key as a picture too, and for whom the password is', () => {
    const { 'account-setup': html = '', account = '' } = shownPages('en');
    expect(html).toMatch(/<img [^>]*src="data:image\/png;base64,[^"]{200,}" alt="[^"]+"/);
    expect(html).toContain('JBSWY3DPEHPK3PXP</code>');
    expect(account).toMatch(/<input [^>]*value="madison"[^>]*>/);
  });
});

describe('every page', () => {
  it.each(all)('%s has one heading, no script, no style and no text without a value', (_name, html) => {
    expect(html.startsWith('<!doctype html><html lang="')).toBe(true);
    expect(valuesOf(html, /<(h1)[ >]/g)).toHaveLength(1);
    expect(html).not.toMatch(/<script|<style|style=|\son\w+=|\{\w+\}/);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"');
  });

  it.each(all)('%s names all its fields, and no id twice', (_name, html) => {
    const ids = valuesOf(html, /\sid="([^"]*)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const labelled = new Set(valuesOf(html, /<label for="([^"]*)"/g));
    const inputs = valuesOf(html, /<input ([^>]*)>/g).filter((input) => !input.includes('type="hidden"'));
    for (const input of inputs) expect(labelled).toContain(/id="([^"]*)"/.exec(input)?.[1]);
    for (const described of valuesOf(html, /aria-describedby="([^"]*)"/g)) {
      for (const id of described.split(' ')) expect(ids).toContain(id);
    }
  });

  it.each(all)('%s sends the form token with each form that posts', (_name, html) => {
    for (const form of valuesOf(html, /<form ([\s\S]*?)<\/form>/g)) {
      expect(form).toContain('method="post"');
      expect(form).toContain('<input type="hidden" name="csrf" value="form-token"');
    }
  });

  it.each(all.filter(([, html]) => html.includes('notice bad')))(
    '%s begins with what is wrong: focused, linked to a field that is there, and in the title',
    (_name, html) => {
      expect(html).toMatch(/<title>Error: /);
      expect(html).toMatch(/<main [^>]*><div class="notice bad" role="alert" tabindex="-1" autofocus>/);
      const [field = ''] = valuesOf(html, /<a href="#([^"]*)">/g).slice(-1);
      expect(valuesOf(html, /\sid="([^"]*)"/g)).toContain(field);
    },
  );

  it.each(Object.entries(shownPages('es')))('%s is Spanish in Spanish', (_name, html) => {
    const english = Object.values(en).filter((text) => text.includes(' ') && !text.includes('{'));
    expect(english.filter((text) => html.includes(text))).toEqual([]);
    expect(html).toContain('<html lang="es">');
  });

  it('leads to who looked at a record only where that can be shown', () => {
    const shown = (showsSeen: boolean) => {
      const frame = { ...signedIn(), showsSeen };
      const apps = pages.apps({ ...frame, person: miles, grants: [], objects: false });
      return apps.includes('/seen"');
    };
    expect([shown(true), shown(false)]).toEqual([true, false]);
  });

  it('leads to itself in the other language, with its query', () => {
    const html = pages.signedOut({ ...frameOf(), here: '/a?x=1&lang=en&y=2' });
    expect(html).toContain('<a href="/a?x=1&amp;y=2&amp;lang=es" lang="es" hreflang="es">Español</a>');
    expect(pages.signedOut({ ...frameOf('es'), here: '/a' })).toContain('href="/a?lang=en" lang="en"');
  });

  it('shows who is signed in, and lets them out', () => {
    const html = pages.ownApps({ ...signedIn(), grants: [] });
    expect(html).toContain('Madison Kowalski · Patient or family');
    expect(html).toContain('<form class="inline" method="post" action="/auth/sign-out">');
    expect(pages.signedOut(frameOf())).not.toContain('/auth/sign-out');
  });

  it('shows names as text, whatever they are', () => {
    const name = '<img src=x onerror=alert(1)>"';
    const html = pages.consent({
      ...signedIn(),
      hidden: { request: name },
      app: { ...app, name },
      person: { ...miles, name },
      scopes: [{ scope: name, checked: true }],
    });
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)>');
  });
});

describe('the page of sign-in', () => {
  const page: SignInPage = { ...frameOf(), hidden, providers: [] };

  it('posts login, password and code beside what it carries along', () => {
    const html = pages.signIn(page);
    expect(html).toContain('<form method="post" action="/auth/sign-in"');
    expect(valuesOf(html, /name="([^"]*)"/g).slice(-5)).toEqual([
      'csrf',
      'request',
      'login',
      'password',
      'code',
    ]);
    expect(html).toMatch(/<button [^>]*type="submit">Sign in<\/button>/);
  });

  it('keeps the login that was typed, and never a password', () => {
    const html = pages.signIn({ ...page, login: 'madison', failure: 'wrong' });
    expect(html).toContain('name="login" value="madison"');
    expect(html).toMatch(
      /<input type="password" id="password" name="password" autocomplete="current-password"/,
    );
  });

  it('marks the field that a code is missing in', () => {
    const html = pages.signIn({ ...page, failure: 'code' });
    expect(html).toMatch(/name="code" aria-describedby="code-hint code-fault" aria-invalid="true"/);
  });

  it('says one sentence for every sign-in that did not work', () => {
    expect(pages.signIn({ ...page, failure: 'wrong' })).toContain('Check your user name, password and code.');
  });

  it('leads to the providers of organizations before all else', () => {
    const html = pages.signIn({ ...page, providers: [{ name: 'Harborview', href: '/auth/upstream' }] });
    expect(html.indexOf('Go on with Harborview')).toBeLessThan(html.indexOf('name="login"'));
  });
});

describe('the picker', () => {
  const page = { ...signedIn(), hidden, app, people: [miles] };

  it('has a choice for each person, named as the person is', () => {
    const html = pages.picker(page);
    expect(html).toContain('<input type="radio" name="patient" value="p-1" id="person-p-1"');
    expect(html).toContain('<label for="person-p-1">Miles Kowalski</label>');
    expect(html).toContain('Born Sep 28, 2024');
  });

  it('shows a date as far as it is known', () => {
    const born = (birthDate: string) => pages.picker({ ...page, people: [{ ...miles, birthDate }] });
    expect(born('2021-05')).toContain('Born May 2021');
    expect(born('2021')).toContain('Born 2021');
  });

  it('posts what is searched for', () => {
    const html = pages.picker({ ...page, people: [], search: { text: 'Kowalski', tooMany: false } });
    expect(html).toMatch(/name="search" [^>]*value="Kowalski"/);
    expect(html).toContain('There is nobody to choose.');
    expect(html).not.toContain('method="get"');
  });

  it('does not say that nobody is there before anybody was searched for', () => {
    const html = pages.picker({ ...page, people: [], search: { text: '', tooMany: false } });
    expect(html).not.toContain('There is nobody');
    expect(pages.picker({ ...page, people: [] })).toContain('No record is linked to your account');
  });
});

describe('the page of consent', () => {
  const page = { ...signedIn(), hidden, app, person: miles, scopes };

  it('has a box for every scope with the scope as value, ticked as it is told', () => {
    const html = pages.consent(page);
    const boxes = valuesOf(html, /<input (type="checkbox"[^>]*)>/g);
    const shown = boxes.map((box) => ({
      scope: /value="([^"]*)"/.exec(box)?.[1],
      checked: /\schecked/.test(box),
    }));
    expect(shown).toHaveLength(scopes.length);
    for (const { scope, checked } of scopes) expect(shown).toContainEqual({ scope, checked });
    expect(boxes.every((box) => box.includes('name="scope"'))).toBe(true);
  });

  it('has no box without words', () => {
    for (const label of valuesOf(pages.consent(page), /<label for="scope-[^>]*>([^<]*)<\/label>/g)) {
      expect(label).toMatch(/\w/);
    }
  });

  it('allows before it refuses, by buttons of one name', () => {
    const html = pages.consent(page);
    expect(valuesOf(html, /name="decision" value="([^"]*)"/g)).toEqual(['allow', 'deny']);
    expect(html).toMatch(/value="allow">Allow<\/button>.*value="deny">Do not allow<\/button>/);
  });

  it('tells whose app it is, where data goes, and until when', () => {
    const html = pages.consent({ ...page, until: '2027-11-29' });
    for (const text of ['growth.example.org', 'Checked by this registry', 'Nov 29, 2027']) {
      expect(html).toContain(text);
    }
    expect(pages.consent({ ...page, app: { ...app, verified: false } })).toContain(
      'We do not know who runs this app.',
    );
  });

  it.each([
    ['patient/Immunization.rs', 'see Miles Kowalski’s vaccines'],
    [
      'patient/Immunization.rs patient/Patient.r patient/Organization.rs openid',
      'see Miles Kowalski’s vaccines',
    ],
    ['patient/Immunization.rs patient/ImmunizationRecommendation.rs', 'see Miles Kowalski’s vaccines'],
    ['patient/Immunization.cud patient/Patient.rs', 'see and change Miles Kowalski’s vaccines'],
    ['patient/Immunization.rs patient/Condition.rs', 'see Miles Kowalski’s record'],
    ['patient/*.rs', 'see Miles Kowalski’s record'],
    ['patient/*.*', 'see and change Miles Kowalski’s record'],
    ['patient/Coverage.rs', 'see Miles Kowalski’s record'],
    ['patient/Patient.rs', 'see Miles Kowalski’s record'],
    ['openid fhirUser', 'use Miles Kowalski’s record'],
    ['patient/Immunization.rs user/Patient.rs', 'use Miles Kowalski’s record, and records of others'],
  ])('names of %s what is asked for', (asked, title) => {
    const boxes = asked.split(' ').map((scope) => ({ scope, checked: true }));
    expect(pages.consent({ ...page, scopes: boxes })).toContain(
      `<title>Growth Buddy wants to ${title} – Jenner`,
    );
  });

  it('shows of many kinds the plain ones first, and keeps a box for every other', () => {
    const asked = consentBoxes(['patient/*.cruds', 'patient/*.rs', 'openid']);
    const html = pages.consent({ ...page, scopes: asked });
    const all = valuesOf(html, /name="scope" value="([^"]*)"/g);
    expect([...all].sort()).toEqual(asked.map(({ scope }) => scope).sort());
    const open = html.replaceAll(/<details class="rest" open>.*?<\/details>/gs, '');
    const shown = valuesOf(open, /name="scope" value="(patient\/[A-Za-z]+\.rs)"/g);
    expect(shown.slice(0, 2)).toEqual(['patient/Immunization.rs', 'patient/ImmunizationRecommendation.rs']);
    expect(shown).toHaveLength(8);
    expect(html).toMatch(/Show \d+ more kinds of data that it asks for/);
    expect(pages.consent(page)).not.toContain('class="rest"');
  });
});

describe('the pages of a record', () => {
  const frame = signedIn('en', '/app/record/p-1/apps');

  it('stop each app by its own button', () => {
    const grants = [{ id: 'g-1', app: 'Growth Buddy', since: '2026-11-01', scopes: ['patient/*.rs'] }];
    const html = pages.apps({ ...frame, person: miles, grants, objects: false });
    expect(html).toContain('action="/app/record/p-1/apps"');
    expect(html).toContain('name="stop" value="g-1" aria-label="Stop Growth Buddy">Stop</button>');
    expect(html).toContain('See the whole record');
  });

  it('show what somebody uses at work, to be stopped likewise', () => {
    const grants = [{ id: 'g-1', app: 'Growth Buddy', since: '2026-11-01', scopes: ['user/*.rs'] }];
    const own = pages.ownApps({ ...signedIn('en', '/app/apps'), grants });
    expect(own).toContain('name="stop" value="g-1" aria-label="Stop Growth Buddy">Stop</button>');
    expect(own).toContain('action="/app/apps"');
    expect(own).toContain('<a href="/app/apps" aria-current="page">Apps</a>');
    expect(pages.ownApps({ ...signedIn(), grants: [] })).toContain('You have not let any app work for you.');
  });

  it('offer to share what is not shared, and to stop what is', () => {
    const sharing = (objects: boolean) =>
      valuesOf(
        pages.apps({ ...frame, person: miles, grants: [], objects }),
        /name="sharing" value="([^"]*)"/g,
      );
    expect(sharing(false)).toEqual(['object']);
    expect(sharing(true)).toEqual(['share']);
  });

  it('say in words what was opened in an emergency, and why', () => {
    const row = { when: '2026-11-28T01:00:00Z', who: 'S. Winworth', what: 'read', why: 'ETREAT' };
    const seen = (breakGlass: boolean, why = row.why) =>
      pages.seen({ ...frame, person: miles, rows: [{ ...row, why, breakGlass, refused: false }] });
    expect(seen(true)).toContain('Opened in an emergency');
    expect(seen(true)).toContain('Emergency care');
    expect(seen(false)).not.toContain('Opened in an emergency');
    expect(seen(false, 'He fell off a swing')).toContain('He fell off a swing');
  });

  it('say who looked in words, at what time, and whether they got anything', () => {
    const row = { when: '2026-11-28T01:02:00Z', what: 'health-link', breakGlass: false };
    const seen = (who: string, refused = false) =>
      pages.seen({ ...frame, person: miles, rows: [{ ...row, who, refused }] });
    expect(seen('health-link:da60b890')).toContain('Whoever has a link');
    expect(seen('cli:root')).toContain('The registry’s operator');
    expect(seen('S. Winworth')).toContain('S. Winworth');
    expect(seen('S. Winworth')).toContain('Nov 28, 2026, 01:02 UTC');
    expect(seen('S. Winworth')).not.toContain('They were refused.');
    expect(seen('S. Winworth', true)).toContain('They were refused.');
  });
});

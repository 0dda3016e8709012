import { readAdvice, readDoses, readPerson } from './read-record.ts';
import { el, sayFailure, section, showAdvice, showDoses, showPerson } from './show.ts';
import { type Access, type App, beginLaunch, endLaunch } from './smart.ts';

const place = document.querySelector('main');
const { clientId = '', scope = '', redirect = '' } = document.body.dataset;
const app: App = { clientId, scope, redirect };

/** An app's page has three lives: somebody opens it, the server sends the browser back, or it stands alone. */
async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const iss = query.get('iss');
  if (query.has('state')) {
    const access = await endLaunch(app, query);
    // The code is spent; it need not stand in the address.
    history.replaceState(null, '', location.pathname);
    await showRecord(access);
  } else if (iss !== null) {
    await beginLaunch(app, iss, query.get('launch'));
  } else {
    show(el('p', '', 'Nobody has opened this app. Go back to the start page of the demo.'));
  }
}

async function showRecord(access: Access): Promise<void> {
  const today = new Intl.DateTimeFormat('sv-SE').format();
  show(
    await section('Person', readPerson(access).then(showPerson)),
    await section('What is needed', readAdvice(access, today).then(showAdvice)),
    await section('Vaccines so far', readDoses(access).then(showDoses)),
    await section('What this app was allowed', Promise.resolve(el('p', '', el('code', '', access.scope)))),
  );
}

function show(...content: readonly Node[]): void {
  place?.replaceChildren(...content);
}

start().catch((thrown: unknown) => show(sayFailure(thrown)));

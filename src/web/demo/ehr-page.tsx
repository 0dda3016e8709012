import { bornOn } from '../app-parts.tsx';
import type { View } from '../render-page.ts';
import type { DemoEhr } from './demo-types.ts';

/** Plays the system of a clinic, from which an app is opened for the patient whose chart is open. */
export const ehrPage: View<DemoEhr> = ({ people }, t) => ({
  title: t('demo.ehr'),
  narrow: true,
  content: (
    <>
      <div class="page-head">
        <h1>{t('demo.ehr')}</h1>
        <p class="quiet">{t('demo.ehr-choose')}</p>
      </div>
      {people.map((person) => (
        <form key={person.id} class="card" method="post" action="/demo/ehr">
          <div>
            <h2>{person.name}</h2>
            <p class="quiet">{bornOn(t, person)}</p>
          </div>
          <button
            class="button"
            type="submit"
            name="patient"
            value={person.id}
            aria-label={t('demo.open-for', { person: person.name })}
          >
            {t('demo.open-app')}
          </button>
        </form>
      ))}
      <p>
        <a class="button" href="/demo">
          {t('demo.back')}
        </a>
      </p>
    </>
  ),
});

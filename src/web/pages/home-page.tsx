import type { HomePage } from '../../pages/auth-pages.ts';
import { bornOn } from '../app-parts.tsx';
import type { View } from '../render-page.ts';

/** Where a session begins: the people whose records are one's own to look after. */
export const homePage: View<HomePage> = ({ people, showsSeen }, t) => ({
  title: t('home.title'),
  content: (
    <>
      <h1>{t('home.title')}</h1>
      {people.length === 0 ? (
        <section class="card">
          <p>{t('home.none')}</p>
        </section>
      ) : (
        <div class="tiles">
          {people.map((person) => (
            <section key={person.id} class="card">
              <div>
                <h2>{person.name}</h2>
                <p class="quiet">{bornOn(t, person)}</p>
              </div>
              <ul class="stack">
                <li>
                  <a class="button" href={`/app/record/${person.id}/apps`}>
                    {t('home.apps-of', { person: person.name })}
                  </a>
                </li>
                {showsSeen && (
                  <li>
                    <a class="button" href={`/app/record/${person.id}/seen`}>
                      {t('home.seen-of', { person: person.name })}
                    </a>
                  </li>
                )}
              </ul>
            </section>
          ))}
        </div>
      )}
    </>
  ),
});

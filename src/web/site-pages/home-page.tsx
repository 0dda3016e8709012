import type { VNode } from 'preact';
import { formatDate } from '../format-date.ts';
import { readPersonNamed } from '../person-reading.ts';
import { type Person, toPerson } from '../person-words.ts';
import { type Drawing, sitePage } from '../site/site-page.ts';

/** Where a session begins: the people whom one looks after, or the work that waits. */
export const homePage = sitePage({
  path: '/app',
  name: 'home',
  parse: () => ({}),
  load: async ({ ctx, visitor }) => {
    const people: Person[] = [];
    for (const id of visitor.ownPersons) {
      const patient = await readPersonNamed(ctx, id);
      if (patient) people.push(toPerson(patient));
    }
    return { people };
  },
  view: ({ people }, { t, frame }) => ({
    title: t('home.title'),
    content: (
      <>
        <h1>{t('home.title')}</h1>
        {people.length === 0 && (
          <section class="card">
            <p>{t('home.none')}</p>
          </section>
        )}
        <div class="tiles">
          {people.map((person) => (
            <PersonTile key={person.id} person={person} t={t} frame={frame} />
          ))}
        </div>
      </>
    ),
  }),
});

function PersonTile({ person, t, frame }: Drawing & { readonly person: Person }): VNode {
  const own = `/app/record/${person.id}`;
  return (
    <section class="card">
      <div>
        <h2>{person.name}</h2>
        {person.birthDate !== undefined && (
          <p class="quiet">{t('person.born', { date: formatDate(t, person.birthDate) })}</p>
        )}
      </div>
      <ul class="stack">
        <li>
          <a class="button primary" href={own}>
            {t('home.record-of', { person: person.name })}
          </a>
        </li>
        <li>
          <a class="button" href={`${own}/apps`}>
            {t('home.apps-of', { person: person.name })}
          </a>
        </li>
        {frame.showsSeen && (
          <li>
            <a class="button" href={`${own}/seen`}>
              {t('home.seen-of', { person: person.name })}
            </a>
          </li>
        )}
      </ul>
    </section>
  );
}

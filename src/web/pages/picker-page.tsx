import type { VNode } from 'preact';
import type { PersonShown, PickerPage } from '../../pages/auth-pages.ts';
import { bornOn } from '../app-parts.tsx';
import { FaultSummary, Field, Notice, PostForm } from '../form-parts.tsx';
import type { View } from '../render-page.ts';
import type { Translate } from '../translate.ts';

/** A card for each person; who may see many searches first. A name that is searched for is never in a URL. */
export const pickerPage: View<PickerPage> = (page, t) => {
  const { people, search, failure } = page;
  return {
    title: t('picker.title'),
    narrow: true,
    failed: failure !== undefined,
    content: (
      <>
        {failure && (
          <FaultSummary
            text={t(`picker.failure.${failure}`)}
            {...(people[0] && { field: optionId(people[0]) })}
            t={t}
          />
        )}
        <div class="page-head">
          <h1>{t('picker.title')}</h1>
          <p class="quiet">{t('picker.for-app', { app: page.app.name })}</p>
        </div>
        {search && <Search page={page} text={search.text} t={t} />}
        {search?.tooMany && <Notice kind="plain">{t('picker.too-many')}</Notice>}
        <Choices page={page} t={t} />
      </>
    ),
  };
};

function Search({
  page,
  text,
  t,
}: {
  readonly page: PickerPage;
  readonly text: string;
  readonly t: Translate;
}): VNode {
  return (
    <section class="card">
      <PostForm action="/auth/pick" csrf={page.csrf} hidden={page.hidden}>
        <Field
          name="search"
          label={t('picker.search')}
          hint={t('picker.search-hint')}
          input={{ value: text, autocomplete: 'off', spellcheck: false }}
        />
        <button class="button" type="submit">
          {t('picker.search-button')}
        </button>
      </PostForm>
    </section>
  );
}

function Choices({ page, t }: { readonly page: PickerPage; readonly t: Translate }): VNode | null {
  const { people, search } = page;
  if (people.length === 0) {
    const hasSearched = search !== undefined && search.text !== '';
    if (search?.tooMany || (search && !hasSearched)) return null;
    return <Notice kind="plain">{t(hasSearched ? 'picker.nobody' : 'picker.none-linked')}</Notice>;
  }
  return (
    <section class="card">
      <PostForm action="/auth/pick" csrf={page.csrf} hidden={page.hidden}>
        <fieldset class="stack">
          <legend>{t('picker.people')}</legend>
          <div class="choices cards">
            {people.map((person) => (
              <Choice key={person.id} person={person} t={t} />
            ))}
          </div>
        </fieldset>
        <button class="button primary" type="submit">
          {t('picker.button')}
        </button>
      </PostForm>
    </section>
  );
}

function Choice({ person, t }: { readonly person: PersonShown; readonly t: Translate }): VNode {
  const id = optionId(person);
  const born = bornOn(t, person);
  return (
    <div class="choice">
      <input
        type="radio"
        name="patient"
        value={person.id}
        id={id}
        {...(born !== '' && { 'aria-describedby': `${id}-born` })}
      />
      <div class="choice-text">
        <label for={id}>{person.name}</label>
        {born !== '' && (
          <span class="quiet small" id={`${id}-born`}>
            {born}
          </span>
        )}
      </div>
    </div>
  );
}

function optionId({ id }: PersonShown): string {
  return `person-${id}`;
}

import type { VNode } from 'preact';
import type { PersonLike } from '../../../registry/matching/people-like.ts';
import { PostForm } from '../../form-parts.tsx';
import { formatDate } from '../../format-date.ts';
import { nameOfPerson } from '../../person-words.ts';
import type { Translate } from '../../translate.ts';

type Props = {
  readonly people: readonly PersonLike[];
  readonly csrf: string;
  /** What was typed, to be sent once more. */
  readonly form: Readonly<Record<string, string>>;
  readonly t: Translate;
};

/** Before somebody is added: those who may be the same person, and the way on where nobody is. */
export function AlikePeople({ people, csrf, form, t }: Props): VNode {
  return (
    <section class="card" aria-live="polite">
      <h2>{t('new-patient.alike')}</h2>
      <p>{t('new-patient.alike-hint')}</p>
      <ul class="plain-list">
        {people.map(({ patient, agrees }) => (
          <li key={patient.id} class="field">
            <strong>
              <bdi>{nameOfPerson(patient)}</bdi>
            </strong>
            {patient.birthDate && `, ${formatDate(t, patient.birthDate)}`}
            <p class="quiet">
              {t('new-patient.agrees', { what: t.list(agrees.map((one) => t(`new-patient.agrees.${one}`))) })}
            </p>
            <a class="button" href={`/app/patients/${patient.id}`}>
              {t('new-patient.open', { name: nameOfPerson(patient) })}
            </a>
          </li>
        ))}
      </ul>
      <PostForm action="/app/patients/new" csrf={csrf} hidden={{ ...form, sure: 'yes' }}>
        <button class="button primary" type="submit">
          {t('new-patient.add-anyway')}
        </button>
      </PostForm>
    </section>
  );
}

import type { VNode } from 'preact';
import { parseResourceId } from '../../../values/resource-id.ts';
import { formatDate } from '../../format-date.ts';
import type { Translate } from '../../translate.ts';
import type { Choice, Meant } from './named.ts';

type ChoiceProps = {
  readonly choice: Choice;
  /** Which one of its field. */
  readonly nth: number;
  readonly t: Translate;
};

/** Who is meant by a name: nobody is chosen before somebody chooses. */
export function WhichOfThese({ choice: { field, text, meant, isMore }, nth, t }: ChoiceProps): VNode {
  const name = `pick-${field}-${nth}`;
  return (
    <fieldset id={name}>
      <legend>{t(meant.length === 0 ? 'admin.none-named' : 'admin.which', { text })}</legend>
      <input type="hidden" name={`asked-${field}-${nth}`} value={text} />
      {meant.map((one, at) => (
        <Radio key={one.value} name={name} id={`${name}-${at}`} value={one.value} words={wordsOf(one, t)} />
      ))}
      {field !== 'person' && parseResourceId(text) !== undefined && (
        <Radio name={name} id={`${name}-id`} value={text} words={t('admin.as-id', { text })} />
      )}
      {isMore && <p class="quiet small">{t('admin.more-named', { count: meant.length })}</p>}
    </fieldset>
  );
}

type RadioProps = {
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly words: string;
};

function Radio({ name, id, value, words }: RadioProps): VNode {
  return (
    <div class="choice">
      <input type="radio" id={id} name={name} value={value} />
      <label for={id}>{words}</label>
    </div>
  );
}

function wordsOf({ name, born, town, value }: Meant, t: Translate): string {
  const parts = [born && t('person.born', { date: formatDate(t, born) }), town, value];
  return [name, ...parts].filter(Boolean).join(' · ');
}

import type { VNode } from 'preact';
import type { Translate } from '../../translate.ts';
import { nameTyped, type Parted, partingsOf } from './asked-person.ts';

type Names = { readonly given: string; readonly family: string };

/** How a name that was typed may be parted; the way that is chosen stands in the URL by its number. */
function waysOf(text: string): readonly Names[] {
  return partingsOf(nameTyped(text)).map(({ given, family }: Parted) => ({
    given: given.join(' '),
    family: family.join(' '),
  }));
}

/** Which words are the family name is sure by a comma, or where somebody says so. */
export function sureNames(text: string, chosen: string | null): Names {
  const ways = waysOf(text);
  const way =
    ways.length === 1 ? ways[0] : ways[/^\d{1,2}$/.test(chosen ?? '') ? Number(chosen) : ways.length];
  return way ?? { given: '', family: '' };
}

/** More ways than these are typed faster than read. */
const mostWays = 8;

type TypedProps = {
  readonly text: string;
  /** Where the session keeps it: no name stands in a URL. */
  readonly q: string;
  readonly t: Translate;
};

/** All that was typed, and in which ways it may be a name: nothing is guessed. */
export function TypedName({ text, q, t }: TypedProps): VNode | null {
  const ways = waysOf(text);
  const name = nameTyped(text);
  if (name === '') return null;
  return (
    <div class="typed-name">
      <p>{t('new-patient.typed', { name })}</p>
      {ways.length > 1 && ways.length <= mostWays && (
        <>
          <p class="small">{t('new-patient.which-name')}</p>
          <ul class="lines">
            {ways.map((way, at) => (
              <li key={`${way.family}|${way.given}`}>
                <a href={`/app/patients/new?q=${q}&name=${at}`}>{wayWords(way, t)}</a>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function wayWords({ given, family }: Names, t: Translate): string {
  if (family === '') return t('new-patient.way-given', { given });
  if (given === '') return t('new-patient.way-family', { family });
  return t('new-patient.way', { given, family });
}

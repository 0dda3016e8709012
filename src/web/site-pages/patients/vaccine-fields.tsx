import type { VNode } from 'preact';
import { VaccineName, vaccineWords } from '../../titles/titles.tsx';
import type { Translate } from '../../translate.ts';
import { type VaccineNames, vaccineText, vaccineTitle } from '../../vaccine-names/find-vaccine.ts';

/** One list for all rows: with its code, since several vaccines have one name. */
export function VaccineList({ names, t }: { readonly names: VaccineNames; readonly t: Translate }): VNode {
  return (
    <datalist id="vaccines">
      {offeredIn(t, names).map((text) => (
        <option key={text} value={text} />
      ))}
    </datalist>
  );
}

/** By names and language: the same for all forms. */
const sorted = new WeakMap<VaccineNames, Map<string, readonly string[]>>();

function offeredIn(t: Translate, names: VaccineNames): readonly string[] {
  const known = sorted.get(names) ?? new Map<string, readonly string[]>();
  sorted.set(names, known);
  const texts =
    known.get(t.language) ??
    names.offered
      .map((one) => vaccineText({ ...one, name: vaccineWords(t, one.name) }))
      .sort((one, other) => one.localeCompare(other, t.language));
  known.set(t.language, texts);
  return texts;
}

type WhichProps = {
  readonly typed: string;
  /** What the names of the fields of this dose end with. */
  readonly nth?: string;
  readonly names: VaccineNames;
  readonly t: Translate;
};

/** What may be meant by what was typed; without a script, one of them is chosen and the form sent again. */
export function WhichVaccine({ typed, nth = '', names, t }: WhichProps): VNode | null {
  const meaning = names.meantBy(typed);
  if (meaning.kind !== 'several') return null;
  return (
    <fieldset class="which">
      <legend>{t('doses.which')}</legend>
      <input type="hidden" name={`asked${nth}`} value={typed} />
      {meaning.of.map((vaccine, at) => {
        const id = at === 0 ? `which${nth}` : `which${nth}-${at}`;
        const sold = vaccine.brand === undefined ? names.soldAs(vaccine.cvx) : [];
        return (
          <div key={id} class="choice">
            <input type="radio" id={id} name={`which${nth}`} value={vaccineText(vaccine)} />
            <label for={id}>
              <VaccineName name={vaccineTitle(vaccine)} t={t} />
              {` (CVX ${vaccine.cvx})`}
              {sold.length > 0 && (
                <span class="quiet small" lang="en">
                  {` ${sold.join(', ')}`}
                </span>
              )}
            </label>
          </div>
        );
      })}
      {meaning.more > 0 && <p class="small">{t.count('doses.which-more', meaning.more)}</p>}
    </fieldset>
  );
}

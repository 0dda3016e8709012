import type { VNode } from 'preact';
import { tableOf } from '../../../values/table-of.ts';
import type { ReporterReportShown } from '../../site/reporters-port.ts';
import { parseTextKey, type TextKey, type Translate } from '../../translate.ts';

type Criterion = ReporterReportShown['acceptanceTest']['criteria'][number];

type LackingProps = { readonly criteria: readonly Criterion[]; readonly t: Translate };

/** What a reporter must still show to pass: what it has, and the mark that is wanted. */
export function Lacking({ criteria, t }: LackingProps): VNode | null {
  const lacking = criteria.filter(({ isMet }) => !isMet);
  if (lacking.length === 0) return null;
  return (
    <section class="card" id="lacking">
      <h2>{t('reporter.lacking')}</h2>
      <p>{t('reporter.lacking-text', { count: lacking.length, of: criteria.length })}</p>
      <ul class="lines">
        {lacking.map((one) => (
          <li key={one.name}>
            <b>{criterionWords(t, one.name)}</b>: {markWords(t, one)}
          </li>
        ))}
      </ul>
    </section>
  );
}

const names: Readonly<Record<string, TextKey>> = tableOf({
  messages: 'reporter.messages',
  acceptance: 'reporter.accepted',
  timeliness: 'reporter.in-time',
  validity: 'reporter.valid',
  score: 'reporter.score',
});

function criterionWords(t: Translate, name: string): string {
  const key = names[name];
  if (key !== undefined) return t(key);
  return t('reporter.field-given', { field: qualityField(t, name.replace(/ given$/, '')) });
}

function markWords(t: Translate, { name, value, least }: Criterion): string {
  const shown = name === 'messages' || name === 'score' ? String : percent;
  if (value === undefined) return t('reporter.nothing-yet', { least: shown(least) });
  return t('reporter.mark', { value: shown(value), least: shown(least) });
}

export function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Math.floor(share * 1000) / 10}%`;
}

export function qualityField(t: Translate, name: string): string {
  const key = parseTextKey(`quality.${name}`);
  return key ? t(key) : name;
}

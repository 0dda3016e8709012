import type { VNode } from 'preact';
import { FindingWords } from '../../titles/finding-words.tsx';
import type { Translate } from '../../translate.ts';
import type { Finding } from './reporter-reading.ts';

/** Each by its sentence, with the code that answers name. */
type FindingsProps = { readonly found: readonly Finding[]; readonly t: Translate };

export function Findings({ found, t }: FindingsProps): VNode | null {
  const once = [...new Map(found.map((one) => [one.code, one])).values()];
  if (once.length === 0) return null;
  return (
    <ul class="lines">
      {once.map(({ code, text }) => (
        <li key={code}>
          {text !== undefined && <FindingWords text={text} t={t} />} <span class="quiet small">{code}</span>
        </li>
      ))}
    </ul>
  );
}

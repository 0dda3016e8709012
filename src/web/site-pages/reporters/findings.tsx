import type { VNode } from 'preact';
import type { Finding } from './reporter-reading.ts';

/** Each by its sentence, which the data have in English alone, with the code that answers name. */
export function Findings({ found }: { readonly found: readonly Finding[] }): VNode | null {
  const once = [...new Map(found.map((one) => [one.code, one])).values()];
  if (once.length === 0) return null;
  return (
    <ul class="lines">
      {once.map(({ code, text }) => (
        <li key={code}>
          {text !== undefined && <span lang="en">{text}</span>} <span class="quiet small">{code}</span>
        </li>
      ))}
    </ul>
  );
}

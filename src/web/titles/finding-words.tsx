import type { VNode } from 'preact';
import type { Translate } from '../translate.ts';
import findings from './findings.es.json' with { type: 'json' };

const [things, faults] = [new Map(Object.entries(findings.of)), new Map(Object.entries(findings.is))];

/** What was found in a message, "X is Y" by our own list: in the language of the page, where it has words for both. */
export function FindingWords({ text, t }: { readonly text: string; readonly t: Translate }): VNode {
  const spanish = t.language === 'es' ? spanishOf(text) : undefined;
  return spanish === undefined ? <span lang="en">{text}</span> : <span>{spanish}</span>;
}

function spanishOf(text: string): string | undefined {
  const [, of = '', is = ''] = /^(.+?) is (.+)$/s.exec(text) ?? [];
  const [thing, fault] = [things.get(of), faults.get(is)];
  return thing === undefined || fault === undefined ? undefined : `${thing}: ${fault}`;
}

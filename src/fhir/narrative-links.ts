import { SaxesParser } from 'saxes';

type Cut = { readonly start: number; readonly end: number; readonly text: string };

/**
 * The narrative with the links of its href and src attributes rewritten; all else stays as it was written. What is not
 * well-formed stays whole: it is not kept anyway.
 */
export function rewriteNarrativeLinks(xhtml: string, rewrite: (link: string) => string | undefined): string {
  if (!/\b(?:href|src)\b/.test(xhtml)) return xhtml;
  const cuts: Cut[] = [];
  let isWellFormed = true;
  const parser = new SaxesParser();
  parser.on('error', () => {
    isWellFormed = false;
  });
  parser.on('attribute', ({ name, value }) => {
    const next = name === 'href' || name === 'src' ? rewrite(value.trim()) : undefined;
    if (next === undefined) return;
    // The attribute has just been read to its closing quote, which does not stand in its value.
    const end = parser.position - 1;
    const start = xhtml.lastIndexOf(xhtml.charAt(end), end - 1) + 1;
    cuts.push({ start, end, text: escaped(next) });
  });
  parser.write(xhtml).close();
  return isWellFormed ? withCuts(xhtml, cuts) : xhtml;
}

function withCuts(text: string, cuts: readonly Cut[]): string {
  let made = '';
  let at = 0;
  for (const cut of cuts) {
    made += text.slice(at, cut.start) + cut.text;
    at = cut.end;
  }
  return made + text.slice(at);
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<"']/g, (character) => references[character] ?? character);
}

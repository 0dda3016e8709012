/** What means something in a search value (R4 search.html, "Escaping Search Parameters") is meant as it stands. */
export function escapeValue(text: string): string {
  return text.trim().replace(/[\\$,|]/g, '\\$&');
}

/** Cuts at a separator that no backslash stands before (R4 search.html#escaping); the backslashes stay. */
export function splitEscaped(text: string, separator: ',' | '$' | '|'): readonly string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') {
      part += char + text.charAt(at + 1);
      at++;
    } else if (char === separator) {
      parts.push(part);
      part = '';
    } else {
      part += char;
    }
  }
  parts.push(part);
  return parts;
}

/** `\,` `\|` `\$` and `\\` as what they mean; any other backslash stands for itself. */
export function unescapeValue(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text;
}

/** Indents JSON text without parsing it, so that every number keeps its digits. The text must be valid JSON. */
export function prettyJson(text: string): string {
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+/g, (token) => {
    switch (token) {
      case '{':
      case '[':
        depth++;
        return token + newLine();
      case '}':
      case ']':
        depth--;
        return newLine() + token;
      case ',':
        return token + newLine();
      case ':':
        return ': ';
      default:
        return token.startsWith('"') ? token : '';
    }
  });
}

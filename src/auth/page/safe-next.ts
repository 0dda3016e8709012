/**
 * Where to go on: a page of this server that has one to go on with, and nowhere else. A header holds what is left of ASCII
 * alone.
 */
export function safeNext(next: string): string {
  const isOurs =
    /^\/(?:app(?:\/[\w-][\w.-]*)*|auth\/(?:authorize|pick|consent))(?:\?[!-~]*)?$/.test(next) &&
    !/[\\#]/.test(next);
  return isOurs ? next : '/app';
}

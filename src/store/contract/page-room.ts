type WithText = { readonly text?: string | undefined };

/** How many of them, from the first on, have no more characters together than there is room for; one always fits. */
export function fittingIn(page: readonly WithText[], room = Number.POSITIVE_INFINITY): number {
  let left = room;
  const over = page.findIndex(({ text = '' }) => {
    left -= text.length;
    return left < 0;
  });
  return over < 0 ? page.length : Math.max(1, over);
}

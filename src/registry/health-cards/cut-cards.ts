/** So many characters of a card fit into one QR code of version 22 (SMART Health Cards, "Creating a QR code"). */
export const longestCard = 1195;

export type Cut<Item> = { readonly card: string; readonly items: readonly Item[] };

/**
 * As few cards as halving comes to, each short enough for one QR code; the items stay in their order. An item that is too long by
 * itself has a card by itself.
 */
export function cutCards<Item>(
  items: readonly Item[],
  toCard: (items: readonly Item[]) => string,
): readonly Cut<Item>[] {
  if (items.length === 0) return [];
  const card = toCard(items);
  if (card.length <= longestCard || items.length === 1) return [{ card, items }];
  const half = Math.ceil(items.length / 2);
  return [...cutCards(items.slice(0, half), toCard), ...cutCards(items.slice(half), toCard)];
}

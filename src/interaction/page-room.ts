import { fittingIn } from '../store/contract/page-room.ts';

/** Characters of the resources of one page; a text of more than 512 Mi is none, and nobody could read it. */
export const mostCharacters = 32 * 1024 * 1024;

/** How many of them, from the first on, fit on one page; one always does. */
export function fittingOn(page: readonly { readonly text?: string | undefined }[]): number {
  return fittingIn(page, mostCharacters);
}

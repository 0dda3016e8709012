import { issueHealthCards } from '../../health-cards.ts';
import type { SitePage } from '../../site/site-page.ts';
import { ownPersonIn } from './load-record.ts';

/** The cards as the file that wallets open; its name tells nobody. */
export const shareFile: SitePage = {
  path: '/app/record/:id/share/file',
  name: 'share file',
  get: async (visit, { operations }) => {
    const id = ownPersonIn(visit);
    const cards = id && (await issueHealthCards(visit.ctx, id, operations));
    if (!cards || cards.length === 0) return { kind: 'nothing' };
    return {
      kind: 'file',
      name: 'immunizations.smart-health-card',
      type: 'application/smart-health-card',
      write: () => JSON.stringify({ verifiableCredential: cards.map(({ text }) => text) }),
    };
  },
};

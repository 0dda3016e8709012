import type { CallerView } from '../caller-view.ts';
import type { Trail } from './trail.ts';

/**
 * The view, telling the trail of everything that it shows: who reads for a caller cannot but be told of. It is made for each
 * request, so it is written without a spread, which V8 is slow with.
 */
export function notedView(view: CallerView, trail: Pick<Trail, 'note' | 'noteRows'>): CallerView {
  return {
    read: async (key, interaction) => {
      const version = await view.read(key, interaction);
      if (version) trail.note([version]);
      return version;
    },
    readMany: async (keys) => {
      const found = await view.readMany(keys);
      trail.note(found);
      return found;
    },
    readVersion: async (key, versionId) => {
      const version = await view.readVersion(key, versionId);
      if (version) trail.note([version]);
      return version;
    },
    search: async (query, asked) => {
      const page = await view.search(query, asked);
      trail.note(page.matches);
      return page;
    },
    history: async (query) => {
      const page = await view.history(query);
      trail.note(page.versions);
      return page;
    },
    searchAudit: async (query) => {
      const page = await view.searchAudit(query);
      trail.noteRows(page.rows);
      return page;
    },
    readAudit: async (id) => {
      const row = await view.readAudit(id);
      if (row) trail.noteRows([row]);
      return row;
    },
    scan: async (query, asked) => {
      const page = await view.scan(query, asked);
      trail.note(page.matches);
      return page;
    },
    count: view.count,
    countHistory: view.countHistory,
    referredBy: view.referredBy,
    referringTypes: view.referringTypes,
    aliasesOf: view.aliasesOf,
    hasAliases: view.hasAliases,
    transactions: view.transactions,
    ofPersons: view.ofPersons,
    ofRecords: view.ofRecords,
    mentionable: view.mentionable,
    findable: view.findable,
    reach: view.reach,
    isDecided: view.isDecided,
  };
}

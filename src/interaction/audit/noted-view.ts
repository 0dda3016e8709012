import type { CallerView } from '../caller-view.ts';
import type { Trail } from './trail.ts';

/** The view, telling the trail of everything that it shows: who reads for a caller cannot but be told of. */
export function notedView(
  view: CallerView,
  { note, noteRows }: Pick<Trail, 'note' | 'noteRows'>,
): CallerView {
  return {
    ...view,
    read: async (key, interaction) => {
      const version = await view.read(key, interaction);
      if (version) note([version]);
      return version;
    },
    readMany: async (keys) => {
      const found = await view.readMany(keys);
      note(found);
      return found;
    },
    readVersion: async (key, versionId) => {
      const version = await view.readVersion(key, versionId);
      if (version) note([version]);
      return version;
    },
    search: async (query, asked) => {
      const page = await view.search(query, asked);
      note(page.matches);
      return page;
    },
    history: async (query) => {
      const page = await view.history(query);
      note(page.versions);
      return page;
    },
    searchAudit: async (query) => {
      const page = await view.searchAudit(query);
      noteRows(page.rows);
      return page;
    },
    readAudit: async (id) => {
      const row = await view.readAudit(id);
      if (row) noteRows([row]);
      return row;
    },
    scan: async (query) => {
      const page = await view.scan(query);
      note(page.matches);
      return page;
    },
  };
}

import type { Filter } from './filter.ts';

/** Whether it takes of one person's resources some and leaves others, as the query part of a scope does. */
export function takesPart(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.some(takesPart);
    case 'or':
      return filter.of.length > 0 && filter.of.every(takesPart);
    case 'not':
      return takesPart(filter.of);
    case 'value':
      // Whose it is: of who objects to sharing everybody sees their own part, and no scope helps.
      return filter.param !== '_tag';
    case 'present':
    case 'lastUpdated':
    case 'chain':
    case 'has':
      return true;
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
      return false;
  }
}

import type { SitePage } from '../site/site-page.ts';
import { homePage } from './home-page.tsx';
import { partsPage } from './parts-page.tsx';
import { printRecordPage, printSchoolPage } from './record/print-pages.tsx';
import { recordPage } from './record/record-page.tsx';

/** The pages of who has signed in; one more is a file of its own, and a row here. */
export const sitePages: readonly SitePage[] = [
  homePage,
  recordPage,
  printRecordPage,
  printSchoolPage,
  partsPage,
];

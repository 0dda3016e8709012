import type { SitePage } from '../site/site-page.ts';
import { adminAddPage } from './admin/admin-add-page.ts';
import { adminEditPage } from './admin/admin-edit-page.ts';
import { adminListPage } from './admin/admin-list-page.tsx';
import { auditPage } from './admin/audit-page.tsx';
import { jobPage, jobsPage } from './admin/job-pages.tsx';
import { homePage } from './home-page.tsx';
import { partsPage } from './parts-page.tsx';
import { dosePage } from './patients/dose-page.tsx';
import { newDosesPage } from './patients/new-doses-page.ts';
import { newPatientPage } from './patients/new-patient-page.tsx';
import { patientPage } from './patients/patient-page.tsx';
import { patientsPage } from './patients/patients-page.tsx';
import { recordFile, schoolFile } from './record/paper-files.tsx';
import { printRecordPage, printSchoolPage } from './record/print-pages.tsx';
import { recordPage } from './record/record-page.tsx';
import { reportPage } from './record/report-page.tsx';
import { shareFile } from './record/share-file.ts';
import { sharePage } from './record/share-page.tsx';
import { messagePage } from './reporters/message-page.tsx';
import { reporterPage, reporterReportFile } from './reporters/reporter-page.tsx';
import { reportersPage } from './reporters/reporters-page.tsx';
import { queuePage } from './review/queue-page.tsx';
import { reviewPage } from './review/review-page.tsx';
import { todayPage } from './today/today-page.tsx';

/** The pages of who has signed in; one more is a file of its own, and a row here. */
export const sitePages: readonly SitePage[] = [
  homePage,
  recordPage,
  printRecordPage,
  printSchoolPage,
  recordFile,
  schoolFile,
  todayPage,
  queuePage,
  reviewPage,
  reportersPage,
  reporterPage,
  reporterReportFile,
  messagePage,
  adminListPage('users'),
  adminAddPage('users'),
  adminEditPage('users'),
  adminListPage('clients'),
  adminAddPage('clients'),
  adminEditPage('clients'),
  jobsPage,
  jobPage,
  auditPage,
  sharePage,
  shareFile,
  reportPage,
  patientsPage,
  newPatientPage,
  patientPage,
  newDosesPage,
  dosePage,
  partsPage,
];

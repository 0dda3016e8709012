import type { Paper } from '../../../pages/paper.ts';
import { Notice } from '../../form-parts.tsx';
import { issueHealthCards } from '../../health-cards.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, SitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { type Translate, translator } from '../../translate.ts';
import { loadOwnRecord, type OwnRecord, printedPersonIn } from './load-record.ts';
import { toRecordPaper, toSchoolPaper } from './papers.ts';

/** The official record as a file; its name tells nobody. */
export const recordFile: SitePage = {
  path: '/app/record/:id/print/file',
  name: 'record file',
  get: (visit, services) =>
    answerFile(visit, services, {
      name: 'immunization-record.pdf',
      paperOf: async (own, t) => {
        const id = printedPersonIn(visit);
        const cards = id && (await issueHealthCards(visit.ctx, id, services.operations));
        return toRecordPaper(own, cards ?? [], t);
      },
    }),
};

/** The form for a school as a file. */
export const schoolFile: SitePage = {
  path: '/app/record/:id/print/school/file',
  name: 'school file',
  get: (visit, services) =>
    answerFile(visit, services, {
      name: 'school-form.pdf',
      paperOf: async (own, t) => toSchoolPaper(own, t),
    }),
};

type File = {
  readonly name: string;
  readonly paperOf: (own: OwnRecord, t: Translate) => Promise<Paper>;
};

async function answerFile(visit: Visit, services: SiteServices, { name, paperOf }: File): Promise<Answer> {
  const id = printedPersonIn(visit);
  if (id === undefined) return { kind: 'nothing' };
  const own = await loadOwnRecord(visit, id, services);
  const paper = await paperOf(own, translator(visit.frame.language, visit.ctx.clock.zone));
  const written = await services.writePaper(paper);
  if (written.kind === 'pdf') {
    const bytes = Buffer.from(written.bytes);
    return { kind: 'file', name, type: 'application/pdf', write: () => bytes };
  }
  return {
    kind: 'page',
    status: 422,
    draw: ({ t }) => ({
      title: paper.title,
      content: (
        <>
          <h1>{paper.title}</h1>
          <Notice kind="plain">
            <p>
              {t('record.no-pdf')} <a href={own.path}>{t('record.back')}</a>
            </p>
          </Notice>
        </>
      ),
    }),
  };
}

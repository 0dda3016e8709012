import type { Binary, DocumentReference } from 'fhir/r4.js';
import { Problem } from '../../../fhir/problem.ts';
import { parseResourceId, type ResourceId } from '../../../values/resource-id.ts';
import { formatMoment } from '../../format-date.ts';
import { registryRoles } from '../../navigation.ts';
import { callOperation } from '../../site/call-operation.ts';
import type { Visit } from '../../site/page-door.ts';
import { sitePage } from '../../site/site-page.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { Findings } from './findings.tsx';
import { outcomeWords } from './reporter-page.tsx';
import { findReporter, toMessageRow } from './reporter-reading.ts';

/** A message as it came, and what was answered to it. */
export const messagePage = sitePage({
  path: '/app/reporters/:id/messages/:message',
  name: 'reporter-message',
  roles: registryRoles,
  parse: ({ params }) => ({ account: params['id'], id: parseResourceId(params['message'] ?? '') }),
  load: async (visit, { account, id }, services) => {
    const { ctx } = visit;
    const { reporters } = services;
    const reporter = reporters && (await findReporter(reporters, account));
    const found = id && (await ctx.view.read({ type: 'DocumentReference', id }));
    if (!reporter || found?.text === undefined) return undefined;
    const document = JSON.parse(found.text) as DocumentReference;
    const isOwn = document.author?.some(({ identifier }) => identifier?.value === reporter.account);
    if (!isOwn) return undefined;
    const [message, answer] = [
      await textOf(visit, services, found.id, 'message'),
      await textOf(visit, services, found.id, 'answer'),
    ];
    return { reporter, row: toMessageRow(document, reporters), message, answer };
  },
  view: ({ reporter, row, message, answer }, { t }) => {
    const title = t('reporter.message-of', { id: row.controlId || t('reporter.no-control-id') });
    return {
      title,
      content: (
        <>
          <div class="page-head">
            <h1>{title}</h1>
            <p class="quiet">{`${formatMoment(t, row.came)} · ${outcomeWords(t, row.outcome)}`}</p>
            <p class="screen-only">
              <a href={`/app/reporters/${encodeURIComponent(reporter.account)}`}>{reporter.account}</a>
            </p>
          </div>
          {row.found.length > 0 && (
            <section class="card">
              <h2>{t('reporter.found')}</h2>
              <Findings found={row.found} t={t} />
            </section>
          )}
          {(
            [
              ['reporter.answer', answer],
              ['reporter.message', message],
            ] as const
          ).map(([key, text]) => (
            <section key={key} class="card">
              <h2>{t(key)}</h2>
              {text === undefined ? (
                <p>{t('reporter.text-gone')}</p>
              ) : (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be scrolled by keys too
                <section class="wide" tabIndex={0} aria-label={t(key)}>
                  <pre class="message" lang="en">
                    {text.replaceAll(/\r\n?/g, '\n')}
                  </pre>
                </section>
              )}
            </section>
          ))}
        </>
      ),
    };
  },
});

/** Undefined where the time of the text is over. */
async function textOf(
  { ctx }: Visit,
  { operations }: SiteServices,
  id: ResourceId,
  part: 'message' | 'answer',
): Promise<string | undefined> {
  try {
    const answer = await callOperation(ctx, operations, {
      code: 'message',
      type: 'DocumentReference',
      id,
      inputs: { part },
    });
    const { data = '' } = (answer.kind === 'resource' ? answer.resource : {}) as Partial<Binary>;
    return Buffer.from(data, 'base64').toString('utf8');
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.kind === 'gone') return undefined;
    throw thrown;
  }
}

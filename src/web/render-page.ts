import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Frame } from '../pages/auth-pages.ts';
import { withoutMarks } from '../values/direction-marks.ts';
import type { TimeZone } from '../values/time-zone.ts';
import { type PageAssets, type PageBody, Shell } from './shell.tsx';
import { type Translate, translator } from './translate.ts';

/** What a page is beside the shell that all have. */
export type View<Page extends Frame> = (page: Page, t: Translate) => PageBody;

/** Makes of a view what answers the whole document. */
export function renderPage(
  assets: PageAssets,
  zone: TimeZone,
): <Page extends Frame>(view: View<Page>) => (page: Page) => string {
  return (view) => (page) => {
    const t = translator(page.language, zone);
    const document: VNode = Shell({ assets, frame: page, body: view(page, t), t });
    // What somebody wrote stands in many places: none of them may be read as something else by its marks.
    return `<!doctype html>${withoutMarks(renderToString(document))}`;
  };
}

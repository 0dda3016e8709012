import type { KnowledgeBase } from './knowledge-base.ts';

/** Longer titles are definitions. */
const titleLength = 90;

/** What a CDSi observation is, in CDC's words. */
export function observationTitle(code: string, { data }: Pick<KnowledgeBase, 'data'>): string {
  const [title = `observation ${code}`] =
    data.observations
      .find((each) => each.code === code)
      ?.title.trim()
      .split(/\s*\n/) ?? [];
  return title.length > titleLength ? `${title.slice(0, titleLength).replace(/\s+\S*$/, '')} …` : title;
}

/** Which observation a title is of: answers of FHIR tell it by its words. */
export function observationCodes(base: Pick<KnowledgeBase, 'data'>): (title: string) => string | undefined {
  const codes = new Map(base.data.observations.map(({ code }) => [observationTitle(code, base), code]));
  return (title) => codes.get(title);
}

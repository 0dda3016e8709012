import type { Language } from '../../pages/auth-pages.ts';
import adminEn from './admin.en.json' with { type: 'json' };
import adminEs from './admin.es.json' with { type: 'json' };
import ehrEn from './ehr.en.json' with { type: 'json' };
import ehrEs from './ehr.es.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import linkEn from './link.en.json' with { type: 'json' };
import linkEs from './link.es.json' with { type: 'json' };
import patientsEn from './patients.en.json' with { type: 'json' };
import patientsEs from './patients.es.json' with { type: 'json' };
import recordEn from './record.en.json' with { type: 'json' };
import recordEs from './record.es.json' with { type: 'json' };
import reportersEn from './reporters.en.json' with { type: 'json' };
import reportersEs from './reporters.es.json' with { type: 'json' };
import reviewEn from './review.en.json' with { type: 'json' };
import reviewEs from './review.es.json' with { type: 'json' };
import shareEn from './share.en.json' with { type: 'json' };
import shareEs from './share.es.json' with { type: 'json' };
import siteEn from './site.en.json' with { type: 'json' };
import siteEs from './site.es.json' with { type: 'json' };
import vaccinesEn from './vaccines.en.json' with { type: 'json' };
import vaccinesEs from './vaccines.es.json' with { type: 'json' };
import workEn from './work.en.json' with { type: 'json' };
import workEs from './work.es.json' with { type: 'json' };

/** A file an area, so that two people who add pages do not meet in one; keys are unique over all. */
const english = {
  ...en,
  ...siteEn,
  ...vaccinesEn,
  ...recordEn,
  ...patientsEn,
  ...shareEn,
  ...reviewEn,
  ...adminEn,
  ...reportersEn,
  ...workEn,
  ...ehrEn,
  ...linkEn,
};

export type TextKey = keyof typeof english;

/** A text that depends on a number has a key for each form: `KEY.one`, `KEY.other`. */
export type PluralKey = BaseOf<TextKey>;

type BaseOf<Key> = Key extends `${infer Base}.other` ? (`${Base}.one` extends TextKey ? Base : never) : never;

export const catalogues: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  en: english,
  es: {
    ...es,
    ...siteEs,
    ...vaccinesEs,
    ...recordEs,
    ...patientsEs,
    ...shareEs,
    ...reviewEs,
    ...adminEs,
    ...reportersEs,
    ...workEs,
    ...ehrEs,
    ...linkEs,
  },
};

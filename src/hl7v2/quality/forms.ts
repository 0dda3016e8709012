/** How a text looks that is right; a rule `not like` finds those that do not. */
export const forms: Readonly<Record<string, (text: string) => boolean>> = {
  version: (text) => /^2\.\d(?:\.\d)?$/.test(text),
  zone: (text) => /[+-]\d{4}$/.test(text),
  second: (text) => /^\d{14}/.test(text),
  city: (text) => /\p{L}.*\p{L}/u.test(text) && !/\d/.test(text) && !/^any ?(?:town|city)$/i.test(text),
  zip: (text) => /^\d{5}(?:-?\d{4})?$/.test(text) || /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i.test(text),
  country: (text) => /^[A-Z]{3}$/.test(text) || text === 'US',
  'birth order': (text) => /^[1-9]\d?$/.test(text),
  name: (text) => /^\p{L}[\p{L}\p{M}'’`.\- ]*$/u.test(text),
  'no middle initial': (text) => !/\p{L} \p{Lu}\.?$/u.test(text),
  'no initial': (text) => !/^\p{L}\.?$/u.test(text),
  language: (text) => /^[A-Za-z]{2,3}(?:-[A-Za-z\d]+)?$/.test(text),
  number: (text) => /^(?:\d+\.?\d*|\.\d+)$/.test(text),
  'not zero': (text) => Number(text) !== 0,
  lot: (text) => !/^(?:lot|lot number|none|n\/?a|unk|unknown|test|no lot|not known|\?+|x+|0+)$/i.test(text),
  'lot of four': (text) => text.length >= 4,
};

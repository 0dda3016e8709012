/**
 * What of a Patient is compared with another, made once: folded (`foldText`), without suffixes in names, without what
 * stands for "not known", codes and numbers without punctuation. What is absent is '' or an empty list.
 */
export type MatchRecord = {
  readonly given: GivenName;
  readonly family: FamilyName;
  /** Of names that are old, maiden, or otherwise not the one in use. */
  readonly otherFamilies: readonly FamilyName[];
  /** Given names of nicknames and of other names. */
  readonly aliases: readonly string[];
  /** All given names after the first, as one. */
  readonly middle: string;
  /** `jr`, `sr`, `2`, `3` … */
  readonly suffix: string;
  readonly birth: BirthDay | undefined;
  /** FHIR's code; '' for `unknown`, too. */
  readonly sex: string;
  /** Ten digits where there are so many. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  readonly addresses: readonly MatchAddress[];
  /** Social security numbers. */
  readonly ssns: readonly string[];
  readonly medicaids: readonly string[];
  /** Numbers that an owner gives, such as a clinic's. */
  readonly recordNumbers: readonly OwnedNumber[];
  readonly mothersMaiden: string;
  readonly kin: readonly Kin[];
  /** Which of those born together; 0 = not known. */
  readonly birthOrder: number;
  /** Whether others were born with this person. */
  readonly isMultiple: boolean | undefined;
};

export type GivenName = {
  /** The first given name without blanks. */
  readonly whole: string;
  /** More than one where it is of several words. */
  readonly parts: readonly string[];
};

export type FamilyName = {
  readonly whole: string;
  /** Of a name of several words each, particles (`van`, `de la`) with the word that they belong to. */
  readonly parts: readonly string[];
  /** The parts without their particles; the same list where there are none. */
  readonly bare: readonly string[];
};

/** Month and day are 0 where the date is partial. */
export type BirthDay = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Written where the day is not known: the first of January. */
  readonly isDefault: boolean;
};

export type MatchAddress = {
  readonly number: string;
  readonly street: string;
  readonly unit: string;
  readonly city: string;
  readonly state: string;
  /** Five digits, or what there is. */
  readonly zip: string;
};

/** `owner` is the system, or the organization that assigns it; '' = nobody is named. */
export type OwnedNumber = { readonly owner: string; readonly type: string; readonly value: string };

/** A parent, guardian or other person to turn to. */
export type Kin = { readonly given: string; readonly family: string };

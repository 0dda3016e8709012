import type { JsonObject } from '../fhir-json.ts';
import type { Profile } from './profile-tree.ts';
import type { Run, Scope } from './run.ts';
import type { TypeTable } from './type-table.ts';

/** Where a profile is checked, and how other profiles are found. */
export type ProfileContext = {
  readonly run: Run;
  readonly scope: Scope;
  readonly table: TypeTable;
  readonly profileOf: (url: string) => Profile | undefined;
  /** Does the object meet the profile? Says nothing of what is wrong. */
  readonly meets: (context: ProfileContext, profile: Profile, object: JsonObject) => boolean;
  readonly profile: Profile;
};

/** How much a store holds. */
export type StoreCounts = {
  readonly resources: number;
  /** Resources of which the current version is a delete. */
  readonly deleted: number;
  readonly versions: number;
  readonly records: number;
};

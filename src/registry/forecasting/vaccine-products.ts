/** A vaccine as CVX lists it. */
export type VaccineCode = {
  readonly cvx: string;
  readonly name: string;
  /** Given by now, as CVX says. */
  readonly isInUse: boolean;
  /** What stands for a vaccine of which nobody knows more than what it is against. */
  readonly isUnspecified: boolean;
};

export type Maker = { readonly mvx: string; readonly name: string };

/** What a vaccine is sold as. */
export type TradeName = {
  readonly name: string;
  readonly cvx: string;
  /** Absent where several have made it. */
  readonly maker?: Maker;
  /** It was sold in the last years of the list. */
  readonly isRecent: boolean;
};

/** What ships of vaccines beside the schedule. */
export type VaccineProducts = {
  readonly codes: readonly VaccineCode[];
  readonly tradeNames: readonly TradeName[];
};

/** What an expression stands on besides its focus. */
export type Standing = {
  /** `%rowIndex`: the place of the row among those of the innermost forEach or repeat. */
  readonly rowIndex: number;
  /** The resource, for the library. */
  readonly resource: object;
};

/** The values of an expression for an element or a resource. */
export type Draw = (focus: unknown, standing: Standing) => readonly unknown[];

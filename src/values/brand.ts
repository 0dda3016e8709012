declare const brand: unique symbol;

/** A value that was checked once, where it entered. Only the parser in the file of the brand makes one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

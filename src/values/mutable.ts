/** The same members, to be set one after the other while a value is made. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

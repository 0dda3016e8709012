/** Whether the registry's own terminology knows a code, beside the tables of the guide's year. */
export type KnownCode = (system: 'CVX' | 'MVX' | 'NDC' | 'cdcgs1vis', code: string) => boolean;

/** Long work as its pages show it. */
export type JobShown = {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'lapsed' | 'finished' | 'failed' | 'cancelled';
  readonly isCancelAsked: boolean;
  readonly created: string;
  readonly updated: string;
  readonly done: number;
  readonly total?: number;
  readonly note?: string;
  readonly reason?: string;
};

export type JobsPort = {
  readonly list: () => Promise<readonly JobShown[]>;
  readonly read: (id: string) => Promise<JobShown | undefined>;
  /** False where it has ended. */
  readonly cancel: (id: string) => Promise<boolean>;
};

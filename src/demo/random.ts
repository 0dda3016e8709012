/** A list that has a first element, so that a pick from it always finds one. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** A stream of numbers that its seed decides. Each call advances it. */
export type Random = {
  /** From 0 up to, not including, 1. */
  readonly unit: () => number;
  /** A whole number from first to last, both included. */
  readonly between: (first: number, last: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: NonEmpty<T>) => T;
  /** Prefers the front of the list as names and towns do: the first tenth is picked three times in ten. */
  readonly pickCommon: <T>(list: NonEmpty<T>) => T;
};

export type Weighted<T> = NonEmpty<readonly [weight: number, value: T]>;

/** What a stream is for. Each has its own, so that a change to one does not disturb the others. */
const streams = { person: 1, history: 2, record: 3, clinic: 4 } as const;
export type StreamName = keyof typeof streams;

const twoTo32 = 4_294_967_296;
const warmUpRounds = 15;

/** The sfc32 generator, seeded by what it is for: same arguments, same numbers, on any machine. */
export function createRandom(seed: number, stream: StreamName, index: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / twoTo32) | 0;
  let c = index | 0;
  let counter: number = streams[stream];
  const unit = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / twoTo32;
  };
  for (let round = 0; round < warmUpRounds; round++) unit();
  return {
    unit,
    between: (first, last) => first + Math.floor(unit() * (last - first + 1)),
    chance: (probability) => unit() < probability,
    pick: (list) => list[Math.floor(unit() * list.length)] ?? list[0],
    pickCommon: (list) => list[Math.floor(unit() ** 2 * list.length)] ?? list[0],
  };
}

export function pickWeighted<T>(random: Random, table: Weighted<T>): T {
  let total = 0;
  for (const [weight] of table) total += weight;
  let left = random.unit() * total;
  for (const [weight, value] of table) {
    left -= weight;
    if (left < 0) return value;
  }
  return table[0][1];
}

/** A table of words written as one line of text: `Silva, Costa, de Souza`. */
export function listOf(text: string): NonEmpty<string> {
  const [first = '', ...rest] = text.split(',').map((word) => word.trim());
  return [first, ...rest];
}

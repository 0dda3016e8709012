export type PieceReader = {
  /** The next bytes, so many; undefined when the stream ends before. */
  readonly take: (count: number) => Promise<Buffer | undefined>;
  /** The next bytes, at most so many; empty at the end. */
  readonly takeSome: (most: number) => Promise<Buffer>;
  readonly isAtEnd: () => Promise<boolean>;
};

/** Reads a stream in pieces of one's own choice. */
export function readPieces(stream: AsyncIterable<Buffer>): PieceReader {
  const iterator = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const gather = async (count: number) => {
    const parts = [held];
    let length = held.length;
    while (length < count) {
      const { done, value } = await iterator.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
    held = parts.length === 1 ? held : Buffer.concat(parts);
  };
  const cut = (count: number) => {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  return {
    take: async (count) => {
      await gather(count);
      return held.length < count ? undefined : cut(count);
    },
    takeSome: async (most) => {
      await gather(1);
      return cut(Math.min(most, held.length));
    },
    isAtEnd: async () => {
      await gather(1);
      return held.length === 0;
    },
  };
}

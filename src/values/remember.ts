/** What was found for each key, for so many keys; past them all are forgotten. It must be the same whenever it is asked. */
export function remember<Key, Found>(most: number, find: (key: Key) => Found): (key: Key) => Found {
  const known = new Map<Key, Found>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= most) known.clear();
    const found = find(key);
    known.set(key, found);
    return found;
  };
}

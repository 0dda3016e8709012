/**
 * Does the work when `begin` was not called for a while. Work that fails is not lost: it is done when it is quiet the next
 * time.
 */
export function onceQuiet(work: () => void, quietMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const attempt = () => {
    try {
      work();
    } catch {
      // A full disk, or a lock: nobody waits for the work, and whoever writes next is told of it.
    }
  };
  return {
    begin: () => {
      timer = timer?.refresh() ?? setTimeout(attempt, quietMs);
    },
    end: () => clearTimeout(timer),
  };
}

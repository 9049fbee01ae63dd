// How long to wait before trying again.
// Invariant: never for ever in silence: waits end with the signal.

const FIRST = 250;
const LONGEST = 10_000;

/** Milliseconds before attempt `failures + 1`: doubling up to ten seconds, the half of it by chance. */
export function backoff(failures: number): number {
  const most = Math.min(LONGEST, FIRST * 2 ** failures);
  return most / 2 + (Math.random() * most) / 2;
}

/** Wait; rejects with the signal's reason as soon as it aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

// Waits for what another process does: asks again until it is so, and says what it saw last when it never is.

const EVERY_MS = 15;

/** @throws when `read` has not given anything but undefined or false within `withinMs` */
export async function until<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 5_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

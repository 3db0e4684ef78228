// As much of a test framework as the extension host needs: tests in the order in which they stand, and waiting for what comes.

export interface HostTest {
  name: string;
  body: () => Promise<void>;
}

export const tests: HostTest[] = [];

export function test(name: string, body: () => Promise<void>): void {
  tests.push({ name, body });
}

/** Asks until the answer is truthy, and gives it. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  milliseconds = 15000,
): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + milliseconds; ; await new Promise(resolve => setTimeout(resolve, 50))) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds / 1000} s in vain for: ${what}`);
  }
}

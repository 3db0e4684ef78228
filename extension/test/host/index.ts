// The entry that VS Code calls in its extension host; tests/ui/host.test.mjs starts VS Code so, and plays the person in front of it.

import { tests } from './harness';
import './manifest';
import './work';

/** Resolves if all tests passed. VS Code makes an exit code of it. */
export async function run(): Promise<void> {
  let failed = 0;
  for (const { name, body } of tests) {
    const begin = performance.now();
    try {
      await body();
      console.log(`ok ${name} (${Math.round(performance.now() - begin)} ms)`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n${error instanceof Error ? error.stack : error}`);
    }
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  if (failed > 0 || tests.length === 0) throw new Error(`${failed} of ${tests.length} host tests failed`);
}

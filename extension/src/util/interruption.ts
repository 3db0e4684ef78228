// A question that must be asked now, in the middle of others: what it hides is not cancelled by that, and comes back.

import { Emitter } from './emitter';

const over = new Emitter<void>();
let depth = 0;

export async function interrupting<T>(work: () => Promise<T>): Promise<T> {
  depth += 1;
  try {
    return await work();
  } finally {
    depth -= 1;
    if (depth === 0) over.fire();
  }
}

// For an input that was hidden: shows it again after the interruption, or tells that the user is done with it.
export function afterInterruption(again: () => unknown, done: () => unknown): void {
  if (depth === 0) {
    done();
    return;
  }
  const listener = over.event(() => {
    listener.dispose();
    again();
  });
}

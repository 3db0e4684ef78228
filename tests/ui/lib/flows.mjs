// What many tests begin with.

import { openWindow } from './window.mjs';

export const IN_SYNC = /everything is in sync/;

/**
 * A window on a working copy that was set up by the command, whose key has been entered in the window.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {Record<string, string>} files
 * @param {import('./window.mjs').WindowOptions} [options]
 */
export async function openLinked(t, name, files, options = {}) {
  const window = await openWindow(t, name, {
    ...options,
    prepare: async parts => {
      await parts.repository.create(parts.workspace, files);
      await options.prepare?.(parts);
    },
  });
  await window.workbench.enterKey(window.repository.key());
  return window;
}

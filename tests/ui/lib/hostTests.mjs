// Runs extension/test/host in the extension host of a real VS Code, against the extension as it was installed from the VSIX. Modal dialogs are
// refused there: what asks by one is for the tests of the windows.

import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as places from './places.mjs';
import { Server } from './server.mjs';
import { theBrowser } from './window.mjs';
import { Workbench } from '../pages/workbench.mjs';

/** The folder into which VS Code has unpacked the VSIX. */
function installed() {
  const name = readdirSync(places.extensions()).find(entry => entry.startsWith('mikura.mikura-'));
  if (!name) throw new Error(`no extension of ours in ${places.extensions()}`);
  return path.join(places.extensions(), name);
}

/**
 * @param {import('./window.mjs').Window} window of which only the folders and the repository are used
 * @param {Record<string, string>} environment for the tests
 * @param {(workbench: Workbench) => Promise<unknown>} person what the person in front of it does, again and again; must not wait long
 * @returns {Promise<{ code: number, lines: string[] }>} the exit code of the tests, 0 if all passed, and what they wrote
 */
export async function runHostTests(window, environment, person) {
  const extensions = window.folder('no extensions');
  ['tmp', 'no extensions'].forEach(name => mkdirSync(window.folder(name), { recursive: true }));
  window.server = await Server.startForHostTests({
    userData: window.userData, extensions, log: window.folder('server.log'), environment: { HOME: window.root, TMPDIR: window.folder('tmp'), ...environment },
  });
  const context = (window.context = await (await theBrowser()).newContext({ viewport: { width: 1280, height: 800 } }));
  const page = (window.page = await context.newPage());
  /** @type {string[]} */
  const lines = [];
  await page.exposeFunction('codeAutomationLog', (/** @type {string} */ _, /** @type {unknown[]} */ words) => void lines.push(words.join(' ')));
  /** @type {Promise<number>} */
  const ended = new Promise(resolve => page.exposeFunction('codeAutomationExit', resolve));
  const remote = (/** @type {string} */ place) => `vscode-remote://127.0.0.1:${window.server?.port}${place}`;
  const url = new URL(window.server.url);
  url.searchParams.set('folder', window.workspace);
  url.searchParams.set('payload', JSON.stringify([
    ['extensionDevelopmentPath', remote(installed())], ['extensionTestsPath', remote(places.hostTests())], ['skipWelcome', 'true'],
  ]));
  await page.goto(url.toString(), { waitUntil: 'commit', timeout: 60000 });
  const workbench = new Workbench(page, window);
  /** @type {number | undefined} */
  let code;
  for (void ended.then(value => (code = value)); code === undefined; await sleep(100)) await person(workbench).catch(() => {});
  return { code, lines };
}

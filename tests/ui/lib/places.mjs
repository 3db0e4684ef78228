// Where the parts lie that a UI test puts together. `./dev` installs or builds them and says where in environment variables.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @param {string} name */
function given(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: start these tests with ./dev test ui`);
  }
  return value;
}

/** The command `mikura`, for what another machine does. */
export const engine = () => given('MIKURA');
/** The folder into which VS Code itself has installed the VSIX that is tested. */
export const extensions = () => given('MIKURA_UI_EXTENSIONS');
/** The tests of extension/test/host, bundled. */
export const hostTests = () => given('MIKURA_UI_HOST_TESTS');
/** The package code-server. */
export const codeServer = () => given('MIKURA_UI_CODE_SERVER');
export const chromium = () => given('MIKURA_UI_CHROMIUM');

/** A file under artifacts/ui. @param {string[]} parts */
export function artifact(...parts) {
  const place = path.join(given('MIKURA_UI_ARTIFACTS'), ...parts);
  mkdirSync(path.dirname(place), { recursive: true });
  return place;
}

/** @returns {import('playwright-core').BrowserType} */
export function browserType() {
  const require = createRequire(path.join(codeServer(), 'package.json'));
  return require('playwright-core').chromium;
}

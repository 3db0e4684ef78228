// A profile of VS Code as a test wants it: settings, and the display language without anybody's language pack.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What would otherwise get into the way of a test. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.experimentalOnboarding': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.editor.enablePreview': false,
  'window.dialogStyle': 'custom',
  'window.menuBarVisibility': 'compact',
  'window.commandCenter': false,
  'files.simpleDialog.enable': true,
  // The default of the web, afterDelay, would save a half-done merge.
  'files.autoSave': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'editor.minimap.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'always',
};

const THEMES = { dark: 'Default Dark Modern', light: 'Default Light Modern', contrast: 'Default High Contrast', contrastLight: 'Default High Contrast Light' };

/** @typedef {keyof typeof THEMES} Theme */
/**
 * scope: settings of the user, or of the machine, which VS Code's own server knows without a browser that remembers.
 * @typedef {{ theme?: Theme, locale?: string, settings?: Record<string, unknown>, scope?: 'User' | 'Machine' }} Wishes
 */

/**
 * Writes the profile into a folder that becomes --user-data-dir.
 * @param {string} folder
 * @param {Wishes} wishes
 */
export function writeProfile(folder, { theme = 'dark', locale = 'en', settings = {}, scope = 'User' }) {
  mkdirSync(path.join(folder, scope), { recursive: true });
  writeFileSync(path.join(folder, scope, 'settings.json'), JSON.stringify({ ...QUIET, 'workbench.colorTheme': THEMES[theme], ...settings }, null, 2));
  if (locale !== 'en') writeLanguage(folder, locale);
}

/** A language pack without translations of VS Code itself: extensions then speak the language, and that is what is tested. */
function writeLanguage(/** @type {string} */ folder, /** @type {string} */ locale) {
  const translations = path.join(folder, 'translations.json');
  writeFileSync(translations, JSON.stringify({ contents: {} }));
  const pack = {
    hash: `mikura-${locale}`,
    extensions: [{ extensionIdentifier: { id: `mikura-test.language-${locale}` }, version: '1.0.0' }],
    translations: { vscode: translations },
    label: locale,
  };
  writeFileSync(path.join(folder, 'languagepacks.json'), JSON.stringify({ [locale]: pack }));
}

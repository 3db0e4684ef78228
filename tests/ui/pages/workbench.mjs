// The window as a whole: the parts that a person sees, each with a page object of its own.

import { eventually } from '../lib/processes.mjs';
import { Editors } from './editors.mjs';
import { History } from './history.mjs';
import { Notifications } from './notifications.mjs';
import { QuickInput } from './quickInput.mjs';
import { SourceControl } from './sourceControl.mjs';

/** @typedef {import('playwright-core').Page} Page */

export const KEY_NEEDED = /key is needed|鍵が必要/;
const STATUS = '.statusbar-item[id="mikura.mikura.mikura.status"]';

export class Workbench {
  /** @param {Page} page @param {import('../lib/window.mjs').Window} window */
  constructor(page, window) {
    this.page = page;
    this.window = window;
    this.quickInput = new QuickInput(page);
    this.notifications = new Notifications(page);
    this.editors = new Editors(page);
    this.sourceControl = new SourceControl(page);
    this.history = new History(page);
    this.status = page.locator(STATUS);
  }

  /** The workbench is drawn, with our icon in the activity bar. Whether the status item is shown depends on the folder. */
  async ready() {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60000 });
    await this.page.locator(`[id="workbench.parts.activitybar"] .action-label[aria-label^="Mikura"]`).waitFor({ timeout: 60000 });
  }

  /**
   * Runs a command of the palette by its id, in any display language. Whether it is there depends on contexts that may only just have changed: then again.
   * @param {string} id @param {string} search words that find it
   */
  async run(id, search) {
    const entry = this.page.locator(`.quick-input-list-entry[data-quick-input-id="${id}"]`).first();
    await eventually(`${id} in the palette`, async () => {
      await this.quickInput.openPalette(search);
      await entry.click({ timeout: 2000 }).catch(async error => {
        await this.page.keyboard.press('Escape');
        throw error;
      });
      return true;
    });
  }

  /** What the status item says aloud, and its text. */
  async statusText() {
    const label = await this.status.locator('[aria-label]').first().getAttribute('aria-label', { timeout: 1000 });
    return `${label} [${(await this.status.innerText()).trim()}]`;
  }

  /** @param {RegExp} pattern @param {number} [milliseconds] */
  async statusBecomes(pattern, milliseconds) {
    let last = '';
    try {
      await eventually(`status ${pattern}`, async () => pattern.test((last = await this.statusText())), milliseconds);
    } catch (error) {
      throw new Error(`${/** @type {Error} */ (error).message}; the last one was "${last}"`);
    }
  }

  /** The status item has stopped turning. */
  async settled() {
    await eventually('nothing is going on', async () => (await this.status.locator('.codicon-modifier-spin').count()) === 0);
  }

  /** A modal dialog of VS Code. */
  get dialog() {
    return this.page.locator('.monaco-dialog-box');
  }

  /** @param {string | RegExp} button */
  async answer(button) {
    await this.dialog.getByRole('button', { name: button }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Agrees to what a modal dialog asks. @param {string | RegExp} button */
  async confirm(button) {
    await this.dialog.waitFor({ timeout: 20000 });
    await this.window.screenshot('question');
    await this.answer(button);
  }

  /** The file dialog of the recovery kit. @param {string} file */
  async saveRecoveryKit(file) {
    await this.quickInput.title.filter({ hasText: 'Save the Recovery Kit' }).waitFor({ timeout: 30000 });
    // The dialog first fills in its own suggestion, and looks at what is typed a moment later.
    await eventually('the name of the file is taken', async () => {
      await this.quickInput.input.fill(file);
      await this.page.waitForTimeout(500);
      return (await this.quickInput.input.inputValue()) === file;
    });
    await this.quickInput.input.press('Enter');
    await this.quickInput.closed();
  }

  /** The welcome text of a view of ours, and its buttons. */
  get welcome() {
    return this.page.locator('[id="workbench.view.extension.mikura"] .welcome-view-content');
  }

  /** Gives the key of the repository when the extension asks for it. @param {string} secret */
  async enterKey(secret) {
    await this.statusBecomes(KEY_NEEDED, 30000);
    await this.run('mikura.key.enter', 'Enter Key');
    await this.quickInput.secret(secret);
    await this.quickInput.pick(/In the keychain|キーチェーン/);
    await this.quickInput.closed();
  }
}

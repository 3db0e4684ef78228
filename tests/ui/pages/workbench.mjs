// The window as a whole: the parts that a person sees, each with a page object of its own.

import { eventually } from '../lib/processes.mjs';
import { Editors } from './editors.mjs';
import { History } from './history.mjs';
import { Notifications } from './notifications.mjs';
import { QuickInput } from './quickInput.mjs';
import { SourceControl } from './sourceControl.mjs';

/** @typedef {import('playwright-core').Page} Page */

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

  /** The workbench is drawn and our extension shows its status item. */
  async ready() {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60000 });
    await this.status.waitFor({ timeout: 60000 });
  }

  /** Runs a command of the palette by its id, in any display language. @param {string} id @param {string} search words that find it */
  async run(id, search) {
    await this.quickInput.openPalette(search);
    await this.page.locator(`.quick-input-list-entry[data-quick-input-id="${id}"]`).first().click();
  }

  /** What the status item says aloud and in its tooltip, and its text. */
  async statusText() {
    return `${await this.status.innerText()} ${(await this.status.locator('[aria-label]').first().getAttribute('aria-label').catch(() => '')) ?? ''}`.trim();
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

  /** Opens a view container of the activity bar by the beginning of its title. @param {string} title */
  async openContainer(title) {
    const item = this.page.locator(`[id="workbench.parts.activitybar"] .action-item:has(.action-label[aria-label^="${title}"])`);
    if (!/checked/.test((await item.getAttribute('class')) ?? '')) await item.click();
  }
}

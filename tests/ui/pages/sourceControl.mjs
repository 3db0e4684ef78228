// The Source Control view: our provider's groups, rows and message box.

import { chooseInMenu } from './contextMenu.mjs';

export class SourceControl {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.view = page.locator('[id="workbench.view.scm"]');
    this.rows = this.view.locator('[role=treeitem]');
  }

  async open() {
    if (!(await this.view.isVisible())) await this.page.keyboard.press('Control+Shift+g');
    await this.view.waitFor();
  }

  /** A group by its label, or a row of one by the name of its file. @param {string} label */
  row(label) {
    return this.view.locator(`[role=treeitem][aria-label^="${label}"]`).first();
  }

  /** @param {string} label @param {number} [timeout] */
  async shows(label, timeout = 20000) {
    await this.row(label).waitFor({ timeout });
  }

  /** @param {string} label */
  async lacks(label) {
    await this.row(label).waitFor({ state: 'detached', timeout: 20000 });
  }

  /** An inline button of a row. @param {string} label @param {string | RegExp} action */
  async click(label, action) {
    const row = this.row(label);
    await row.hover();
    await row.getByRole('button', { name: action }).first().click();
  }

  /** An entry of a row's context menu. @param {string} label @param {string | RegExp} entry */
  async choose(label, entry) {
    await chooseInMenu(this.page, this.row(label), entry);
  }

  /** Writes into the message box. @param {string} text */
  async message(text) {
    await this.view.locator('.scm-editor').first().click();
    await this.page.keyboard.type(text);
  }
}

// The tree of versions in our own view container.

import { chooseInMenu } from './contextMenu.mjs';

export class History {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.container = page.locator('[id="workbench.view.extension.mikura"]');
    this.rows = this.container.locator('[role=treeitem]');
  }

  async open() {
    const icon = this.page.locator('[id="workbench.parts.activitybar"] .action-item:has(.action-label[aria-label^="Mikura"])');
    if (!(await this.container.isVisible())) await icon.click();
    await this.container.waitFor();
  }

  /** A version by its note, or a file of an opened one by its name. @param {string | RegExp} text */
  row(text) {
    return this.rows.filter({ hasText: text }).first();
  }

  /** @param {string | RegExp} text @param {number} [timeout] */
  async shows(text, timeout = 20000) {
    await this.row(text).waitFor({ timeout });
  }

  /** The versions, newest first: the rows of the outermost level that can be opened. */
  get versions() {
    return this.container.locator('[role=treeitem][aria-level="1"][aria-expanded]');
  }

  /** Shows the files of the nth version. @param {number} index */
  async expand(index) {
    const row = this.versions.nth(index);
    await row.waitFor({ timeout: 20000 });
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
    await this.container.locator('[role=treeitem][aria-level="2"]').first().waitFor();
  }

  /** An entry of the context menu of the nth version. @param {number} index @param {string | RegExp} entry */
  async chooseAt(index, entry) {
    await chooseInMenu(this.page, this.versions.nth(index), entry);
  }

  /** @param {string | RegExp} text @param {string | RegExp} action */
  async click(text, action) {
    await this.row(text).hover();
    await this.row(text).getByRole('button', { name: action }).first().click();
  }
}

// The tree of versions in our own view container.

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

  /** Shows the files of a version. @param {string | RegExp} text */
  async expand(text) {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
  }

  /** @param {string | RegExp} text @param {string | RegExp} entry */
  async choose(text, entry) {
    await this.row(text).click({ button: 'right' });
    await this.page.locator('.monaco-menu').getByRole('menuitem', { name: entry }).click();
  }

  /** @param {string | RegExp} text @param {string | RegExp} action */
  async click(text, action) {
    await this.row(text).hover();
    await this.row(text).getByRole('button', { name: action }).first().click();
  }
}

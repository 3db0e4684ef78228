// Editors: plain text, differences, and the three-way merge editor.

import { eventually } from '../lib/processes.mjs';

export class Editors {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.part = page.locator('[id="workbench.parts.editor"]');
    this.diff = page.locator('.monaco-diff-editor');
    this.multiDiff = page.locator('.multiDiffEditor');
    this.merge = page.locator('.merge-editor');
  }

  /** @param {string} name the file's name, as on its tab */
  tab(name) {
    return this.page.locator(`.tab[data-resource-name="${name}"]`);
  }

  /** Opens a file of the workspace by Quick Open. @param {string} name */
  async open(name) {
    await eventually(`${name} is open`, async () => {
      await this.page.keyboard.press('ControlOrMeta+p');
      const input = this.page.locator('.quick-input-widget .quick-input-box input');
      await input.fill(name, { timeout: 3000 });
      await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().click({ timeout: 5000 });
      await this.tab(name).waitFor({ timeout: 5000 });
      return true;
    });
  }

  /** The text editor of a file. @param {string} name */
  text(name) {
    return this.part.locator(`.monaco-editor[data-uri$="${name}"]`).first();
  }

  /** Types at the end of an open file. @param {string} name @param {string} text */
  async append(name, text) {
    await this.text(name).locator('.view-lines').click();
    await this.page.keyboard.press('ControlOrMeta+End');
    await this.page.keyboard.type(text);
  }

  async save() {
    await this.page.keyboard.press('ControlOrMeta+s');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  async closeAll() {
    await this.page.keyboard.press('ControlOrMeta+k');
    await this.page.keyboard.press('ControlOrMeta+w');
  }

  /** The words that a side of the difference shows; editors draw spaces as non-breaking ones. @param {'original' | 'modified'} side */
  async diffText(side) {
    const text = await this.diff.first().locator(`.editor.${side} .view-lines`).first().innerText();
    return text.replaceAll('\u00a0', ' ');
  }

  /** In the merge editor: takes one side of a conflict, by its name. @param {string} side */
  async acceptSide(side) {
    await this.merge.locator('.merge-editor-conflict-actions').getByText(`Accept ${side}`).first().click();
  }

  /** Writes at the end of the result of the merge editor. @param {string} text */
  async appendToResult(text) {
    await this.merge.locator('.code-view.result .view-lines').click();
    await this.page.keyboard.press('ControlOrMeta+End');
    await this.page.keyboard.type(text);
  }

  /** A button at the right end of the tabs. @param {string | RegExp} name */
  titleAction(name) {
    return this.part.locator('.editor-actions').getByRole('button', { name }).first();
  }
}

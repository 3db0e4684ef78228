// The box at the top of the window: palette, pickers, questions, simple file dialogs.

import { eventually } from '../lib/processes.mjs';

export class QuickInput {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.widget = page.locator('.quick-input-widget');
    this.input = this.widget.locator('.quick-input-box input');
    this.title = this.widget.locator('.quick-input-title');
    this.rows = this.widget.locator('.quick-input-list .monaco-list-row');
    this.message = this.widget.locator('.quick-input-message');
  }

  /** The palette with a search. Something may take the focus while it opens: then again. @param {string} search */
  async openPalette(search) {
    await eventually('the palette', async () => {
      await this.page.keyboard.press('F1');
      await this.input.waitFor({ timeout: 2000 });
      await this.input.fill(`>${search}`, { timeout: 2000 });
      return (await this.input.inputValue()) === `>${search}`;
    });
  }

  /** Waits for a step of a dialogue by its title. @param {string | RegExp} title */
  async step(title) {
    await this.title.filter({ hasText: title }).waitFor({ timeout: 20000 });
  }

  /** Chooses a row by the beginning of its label. @param {string | RegExp} label */
  async pick(label) {
    const row = this.rows.filter({ hasText: label }).first();
    await row.waitFor({ timeout: 20000 });
    await row.click();
  }

  /** Types an answer and confirms it, once what was typed has been validated. @param {string} text */
  async enter(text) {
    await this.input.waitFor({ timeout: 20000 });
    await this.input.fill(text);
    await eventually('the answer is accepted', async () => !/error/.test((await this.widget.locator('.monaco-inputbox').first().getAttribute('class')) ?? ''));
    await this.input.press('Enter');
  }

  /** What is wrong with the answer as it stands. */
  async complaint() {
    await this.message.waitFor();
    return this.message.innerText();
  }

  async closed() {
    await this.widget.waitFor({ state: 'hidden' });
  }

  async cancel() {
    await this.page.keyboard.press('Escape');
    await this.closed();
  }
}

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

  /** A row is offered. @param {string | RegExp} label */
  async shows(label) {
    await this.rows.filter({ hasText: label }).first().waitFor({ timeout: 20000 });
  }

  /** Goes back to the step before. */
  async back() {
    await this.widget.locator('.quick-input-left-action-bar .action-label').first().click();
  }

  /**
   * Types an answer and confirms it; by default it must be taken, so that the next step or nothing is shown.
   * @param {string} text
   * @param {{ refused?: boolean, box?: import('playwright-core').Locator }} [expected]
   */
  async enter(text, { refused = false, box = this.input } = {}) {
    await box.waitFor({ timeout: 20000 });
    await box.fill(text);
    // A complaint about the last answer would swallow the Enter; it goes when another one is typed.
    await eventually('the complaint goes', async () => (await this.complaints()) === 0);
    const step = await this.title.innerText().catch(() => '');
    await box.press('Enter');
    if (refused) return;
    await eventually(`"${step}" takes the answer`, async () => {
      if (await this.complaints()) throw new Error(await this.message.innerText());
      // Between two steps the box may be taken away at any moment.
      const now = await box.inputValue({ timeout: 1000 }).catch(() => undefined);
      return now !== text || (await this.title.innerText({ timeout: 1000 }).catch(() => '')) !== step;
    });
  }

  /** Types a key or passphrase: only into a box that does not show it. @param {string} text @param {{ refused?: boolean }} [expected] */
  async secret(text, expected) {
    await this.enter(text, { ...expected, box: this.widget.locator('input[type=password]') });
  }

  /** How many answers are marked as wrong: none or one. */
  complaints() {
    return this.widget.locator('.monaco-inputbox.error, .quick-input-message.error').count();
  }

  /** The answer as it stands is refused, and this is what is said about it. @param {RegExp} pattern */
  async complains(pattern) {
    await eventually(`the complaint ${pattern}`, async () => (await this.complaints()) > 0 && pattern.test(await this.message.innerText()));
  }

  async closed() {
    await this.widget.waitFor({ state: 'hidden' });
  }

  async cancel() {
    await this.page.keyboard.press('Escape');
    await this.closed();
  }
}

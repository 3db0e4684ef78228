// Toasts: the messages at the lower right that ask a person to act.

export class Notifications {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.toasts = page.locator('.notification-toast');
  }

  /** @param {string | RegExp} text */
  toast(text) {
    return this.toasts.filter({ hasText: text }).first();
  }

  /** @param {string | RegExp} text @param {number} [timeout] */
  async appears(text, timeout = 20000) {
    await this.toast(text).waitFor({ timeout });
    return this.toast(text);
  }

  /** @param {string | RegExp} text @param {number} [timeout] */
  async vanishes(text, timeout = 20000) {
    await this.toast(text).waitFor({ state: 'detached', timeout });
  }

  /** @param {string | RegExp} text @param {string | RegExp} button */
  async answer(text, button) {
    await (await this.appears(text)).getByRole('button', { name: button }).click();
  }

  /** All messages that are shown now. */
  texts() {
    return this.page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
  }

  async dismissAll() {
    while (await this.toasts.count()) {
      await this.toasts.first().hover();
      await this.toasts.first().locator('.codicon-notifications-clear').click();
    }
  }
}

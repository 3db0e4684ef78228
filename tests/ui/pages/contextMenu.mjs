// Context menus of rows.

import { eventually } from '../lib/processes.mjs';

/**
 * Chooses an entry of a row's context menu. A menu takes no click in its first moments, so that the one that opened it is not taken for a choice: then again.
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} row
 * @param {string | RegExp} entry
 */
export async function chooseInMenu(page, row, entry) {
  const menu = page.locator('.monaco-menu');
  await row.click({ button: 'right' });
  await menu.getByRole('menuitem', { name: entry }).waitFor();
  await eventually(`the menu takes ${entry}`, async () => {
    await page.waitForTimeout(200);
    await menu.getByRole('menuitem', { name: entry }).click({ timeout: 2000 });
    await menu.waitFor({ state: 'detached', timeout: 1000 });
    return true;
  });
}

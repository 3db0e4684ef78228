import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { runHostTests } from './lib/hostTests.mjs';
import { writeProfile } from './lib/profile.mjs';
import { Window, hasPassed } from './lib/window.mjs';

test('the host tests pass in the extension host', { timeout: 180000 }, async t => {
  const window = new Window('host');
  t.after(async () => {
    if (!hasPassed(t)) window.keepLogs('host-FAILED');
    await window.close();
  });
  const { repository } = window;
  await repository.create(window.workspace, { 'a.txt': 'one\n', 'b/deep.txt': 'below\n' });
  const laptop = await repository.clone('laptop');
  const environment = { MIKURA_HOST_TEST_LAPTOP: laptop.folder, MIKURA_HOST_TEST_KEY_FILE: repository.keyFile };
  writeProfile(path.join(window.userData, 'data'), { settings: { 'mikura.autoSync.mode': 'off', 'mikura.promptToSaveFilesBeforeSync': false }, scope: 'Machine' });

  const { code, lines } = await runHostTests(window, environment, async ({ quickInput, page }) => {
    if (await page.locator('.quick-input-widget input[type=password]').isVisible()) {
      await quickInput.secret(repository.key());
      await quickInput.pick('In the keychain');
    }
  });
  lines.forEach(line => t.diagnostic(line));
  assert.equal(code, 0, lines.join('\n'));
  assert.match(lines.join('\n'), /passed, 0 failed/);
});

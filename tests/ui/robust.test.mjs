// What goes wrong: the key is gone.

import test from 'node:test';
import { IN_SYNC, openLinked } from './lib/flows.mjs';

test('a forgotten key is asked for again, a wrong one is refused, and the right one goes on', async t => {
  const window = await openLinked(t, 'key', { 'a.txt': 'one\n' });
  const { workbench, repository } = window;
  await workbench.statusBecomes(IN_SYNC, 30000);
  await workbench.run('mikura.key.forget', 'Forget Key');
  await workbench.confirm(/Forget/);
  await workbench.statusBecomes(/key is needed/);
  await workbench.history.open();
  await workbench.welcome.getByRole('button', { name: 'Enter Key' }).waitFor();
  await window.screenshot('missing');
  await workbench.welcome.getByRole('button', { name: 'Enter Key' }).click();
  await workbench.quickInput.secret(await repository.wrongKey(), { refused: true });
  await workbench.quickInput.complains(/does not open/);
  await workbench.quickInput.secret(repository.key());
  await workbench.quickInput.pick('In the keychain');
  await workbench.statusBecomes(IN_SYNC, 30000);

  await window.reload();
  await workbench.statusBecomes(IN_SYNC, 30000);
});

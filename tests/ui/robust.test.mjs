// What goes wrong: the key is gone, the engine dies.

import assert from 'node:assert/strict';
import test from 'node:test';
import { IN_SYNC, openLinked } from './lib/flows.mjs';
import { eventually, lives } from './lib/processes.mjs';

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

test('a killed engine is started again; one that dies again and again is left alone until a person says so', async t => {
  const window = await openLinked(t, 'killed', { 'a.txt': 'one\n' }, { settings: { 'mikura.autoSync.mode': 'onSave' } });
  const { workbench, server } = window;
  await workbench.statusBecomes(IN_SYNC, 30000);
  const kill = async () => {
    const [engine] = await eventually('an engine', () => (server.engines().length > 0 ? server.engines() : undefined));
    process.kill(engine.pid, 'SIGKILL');
    await eventually('it is dead', () => !lives(engine.pid));
    return engine.pid;
  };
  const killed = await kill();
  await eventually('another engine', () => server.engines().some(engine => engine.pid !== killed));
  await workbench.statusBecomes(IN_SYNC, 30000);
  await workbench.editors.open('a.txt');
  await workbench.editors.append('a.txt', 'two');
  await workbench.editors.save();
  await workbench.history.open();
  await eventually('the version of the new engine', async () => (await workbench.history.versions.count()) >= 2, 30000);

  for (let i = 0; i < 4; i++) await kill();
  await workbench.statusBecomes(/engine stopped/, 40000);
  await workbench.history.shows(/ended several times/);
  assert.equal(await workbench.history.versions.count(), 0, 'no versions that could not be opened');
  await window.screenshot('given-up');
  await workbench.history.row('Restart Engine').click();
  await workbench.statusBecomes(IN_SYNC, 30000);
  await eventually('the versions are back', async () => (await workbench.history.versions.count()) >= 2);
  const [last] = server.engines();
  await window.close();
  assert.ok(!lives(last.pid), 'no engine outlives its window');
});

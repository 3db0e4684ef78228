// An AWS profile that wants the code of an MFA device: its question comes in between those of the setup, and ends none of them.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { IN_SYNC } from './lib/flows.mjs';
import { eventually } from './lib/processes.mjs';
import { roleProfile, startRoleServices } from './lib/roleServices.mjs';
import { openWindow } from './lib/window.mjs';
import { KEY_NEEDED } from './pages/workbench.mjs';

const RIGHT = '271828';

test('the code of an MFA device is asked for where it is needed, again if it is refused, and the setup goes on', async t => {
  const services = await startRoleServices(RIGHT);
  t.after(services.stop);
  const window = await openWindow(t, 'mfa', {
    prepare: async ({ root }) => {
      mkdirSync(path.join(root, '.aws'));
      writeFileSync(path.join(root, '.aws', 'config'), roleProfile(services.endpoint));
    },
  });
  const { quickInput, history, welcome } = window.workbench;
  await history.open();
  await welcome.getByRole('button', { name: 'Create Repository' }).click();
  await quickInput.pick('S3 bucket');
  await quickInput.pick('work');
  await quickInput.enter('bucket');
  await quickInput.enter('notes');
  await quickInput.enter('');
  const place = 'Create Repository';
  await quickInput.enter(services.endpoint, { refused: true });

  await quickInput.step('MFA Code for AWS Profile work');
  await window.screenshot('asked');
  await window.page.keyboard.press('Escape');
  await quickInput.step(place);
  await quickInput.complains(/MFA device/);
  await window.screenshot('not-given');

  await quickInput.enter(`${services.endpoint}/`, { refused: true });
  await quickInput.step('MFA Code');
  await quickInput.secret('12345', { refused: true });
  await quickInput.complains(/6 digits/);
  await quickInput.secret('314159', { refused: true });
  await quickInput.complains(/not accepted/);
  await window.screenshot('refused');
  await quickInput.secret(RIGHT);
  await quickInput.shows('Generate a key');
  await window.screenshot('accepted');
  assert.deepEqual(services.codes, ['314159', RIGHT]);
  await quickInput.cancel();
});

test('in a new window nothing pops up: it is said that a code is needed, and one code brings everything', async t => {
  const services = await startRoleServices(RIGHT);
  t.after(services.stop);
  const window = await openWindow(t, 'mfa-later', {
    environment: { AWS_PROFILE: 'work' },
    prepare: async ({ root, workspace, repository }) => {
      mkdirSync(path.join(root, '.aws'));
      writeFileSync(path.join(root, '.aws', 'config'), roleProfile(services.endpoint));
      repository.url = `s3://bucket/notes?region=eu-west-1&endpoint=${services.endpoint}`;
      // The command that sets it up comes with keys of its own.
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' });
      await repository.create(workspace, { 'notes.md': '# Notes\n' });
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
    },
  });
  const { workbench } = window;
  const { quickInput, history, notifications } = workbench;
  const asked = 'MFA Code for AWS Profile work';
  await workbench.statusBecomes(KEY_NEEDED, 30000);
  await workbench.run('mikura.key.enter', 'Enter Key');
  await quickInput.step(asked);
  await quickInput.secret(RIGHT);
  await quickInput.step('Key of project');
  await quickInput.secret(window.repository.key());
  await quickInput.pick('In the keychain');
  await workbench.statusBecomes(IN_SYNC, 30000);

  await window.reload();
  await workbench.statusBecomes(/code of your MFA device is needed/, 30000);
  const notice = await notifications.appears(/wants the code of your MFA device/);
  assert.equal(await quickInput.widget.isVisible(), false);
  await history.open();
  await history.shows('Enter MFA Code');
  await window.screenshot('needed');
  await notice.getByRole('link', { name: 'Enter MFA Code' }).click();
  await quickInput.step(asked);
  await quickInput.cancel();
  await workbench.statusBecomes(/code of your MFA device is needed/);
  // The notice is replaced by the same one, and the old one takes a moment to go.
  await eventually('it is said once, also after Escape', async () => (await notifications.texts()).length === 1);

  await history.row('Enter MFA Code').click();
  await quickInput.step(asked);
  // The last question: the box goes, and keeps what was typed where nobody sees it.
  await quickInput.secret(RIGHT, { refused: true });
  await quickInput.closed();
  await workbench.statusBecomes(IN_SYNC, 30000);
  await eventually('the history is there', async () => (await history.versions.count()) === 1);
  await notifications.vanishes(/MFA device/);
  await window.screenshot('given');
  assert.deepEqual(services.codes, [RIGHT, RIGHT], 'one code for each window');
});

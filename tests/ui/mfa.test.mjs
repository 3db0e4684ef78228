// An AWS profile that wants the code of an MFA device: its question comes in between those of the setup, and ends none of them.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { roleProfile, startRoleServices } from './lib/roleServices.mjs';
import { openWindow } from './lib/window.mjs';

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

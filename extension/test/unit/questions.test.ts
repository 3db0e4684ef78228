// Questions to the user: those of the setup, and the code of an MFA device that comes in between.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App } from '../../src/app';
import type { MfaRequest, StoreInfo } from '../../src/engine/protocol';
import { EngineError } from '../../src/engine/errors';
import { FolderModel } from '../../src/model/folder';
import { MfaCodes } from '../../src/secrets/mfaCodes';
import type { Answers } from '../../src/setup/answers';
import { placeSteps } from '../../src/setup/placeQuestions';
import { runSteps } from '../../src/setup/steps';
import { TableEngine } from '../fakes/engine';
import { onScreen } from '../fakes/quickInput';
import { QuickInputButtons } from '../fakes/vscode';

const request: MfaRequest = { profile: 'work', role: 'arn:role', serial: 'arn:mfa/ada', retry: false };
const never = () => new AbortController().signal;

function answersFor(inspect: (store: string) => StoreInfo | Promise<StoreInfo>, intent: Answers['intent'] = 'create') {
  const engine = new TableEngine({
    'store/inspect': ({ store }) => inspect(store),
    'store/profiles': () => ({ profiles: ['default', 'work'] }),
  });
  const app = { engine, notify: { record: () => {} } } as unknown as App;
  const model = new FolderModel('/w/My Notes', 'My Notes', engine);
  const answers: Answers = {
    app,
    model,
    intent,
    path: '',
    bucket: '',
    region: '',
    endpoint: '',
    store: '',
    secret: '',
  };
  return answers;
}

const screen = async () => {
  const input = await onScreen();
  assert.ok(input, 'something is asked');
  return input;
};
const choose = async (value: unknown) => (await screen()).choose(item => item.value === value);
const type = async (text: string) => (await screen()).type(text);

test('the place is asked for step by step; going back shows what was answered', async () => {
  const looked: string[] = [];
  const answers = answersFor(store => {
    looked.push(store);
    return { exists: false };
  });
  const done = runSteps('Create', answers, placeSteps);
  await choose('s3');
  const profiles = await screen();
  assert.deepEqual(
    profiles.items.map(item => item.value),
    ['', 'work'],
  );
  await choose('work');
  await type('Not A Bucket');
  assert.match(String((await screen()).validationMessage), /bucket name/);
  await type(' my-bucket ');
  assert.equal((await screen()).value, 'my-notes', 'a prefix is proposed');
  (await screen()).press(QuickInputButtons.Back);
  assert.equal((await screen()).value, 'my-bucket');
  await type('my-bucket');
  await type('notes');
  await type('eu-west-1');
  await type('ftp://nowhere');
  assert.match(String((await screen()).validationMessage), /address of a server/);
  await type('');
  assert.equal(await done, true);
  assert.deepEqual(looked, ['s3://my-bucket/notes?region=eu-west-1&profile=work']);
  assert.equal(answers.store, looked[0]);
});

test('a folder must lie elsewhere, and what is found there may change the plan', async () => {
  const answers = answersFor(() => ({ exists: true }));
  const done = runSteps('Create', answers, placeSteps);
  await choose('folder');
  for (const [path, complaint] of [
    ['relative', /absolute/],
    ['/w/My Notes/store', /must not lie/],
    ['/w', /must not lie/],
  ] as const) {
    await type(path);
    assert.match(String((await screen()).validationMessage), complaint);
  }
  await type('/backup/store');
  await choose('connect');
  assert.equal(await done, true);
  assert.equal(answers.intent, 'connect');
  assert.equal(answers.store, 'file:///backup/store');
});

test('Escape ends the questions', async () => {
  const done = runSteps(
    'Create',
    answersFor(() => ({ exists: false })),
    placeSteps,
  );
  (await screen()).hide();
  assert.equal(await done, false);
});

test('a code is asked for only while somebody is at work; digits are taken, spaces or not', async () => {
  let atWork = false;
  const codes = new MfaCodes(() => atWork);
  assert.equal(await codes.get(request, never()), null);
  assert.equal(await onScreen(), undefined, 'nothing pops up by itself');

  const given = codes.attending(() => codes.get(request, never()));
  const box = await screen();
  assert.match(box.title, /work/);
  assert.match(box.prompt, /arn:mfa\/ada/);
  assert.equal(box.password, true);
  assert.equal(box.validationMessage, undefined);
  box.type('12345');
  assert.match(String(box.validationMessage), /6 digits/);
  box.type('123 456');
  assert.equal(await given, '123456');

  atWork = true;
  const again = codes.get({ ...request, retry: true }, never());
  assert.match(String((await screen()).validationMessage), /not accepted/);
  (await screen()).hide();
  assert.equal(await again, null, 'Escape gives none');
});

test('two codes are asked for one after the other; one that is not needed any more goes away', async () => {
  const codes = new MfaCodes(() => true);
  const takenBack = new AbortController();
  const first = codes.get(request, takenBack.signal);
  const second = codes.get({ ...request, profile: 'other' }, never());
  assert.match((await screen()).title, /work/);
  takenBack.abort();
  assert.equal(await first, null);
  assert.match((await screen()).title, /other/);
  await type('654321');
  assert.equal(await second, '654321');
  assert.equal(await onScreen(), undefined);
});

test('a code that is asked for while a place is looked at does not end the setup', async () => {
  const codes = new MfaCodes(() => true);
  const answers = answersFor(async () => {
    if ((await codes.get(request, never())) === null) throw new EngineError('mfa_missing', 'no code');
    return { exists: false };
  });
  const done = runSteps('Create', answers, placeSteps);
  await choose('folder');
  await type('/backup');
  assert.match((await screen()).title, /MFA/);
  (await screen()).hide();
  const path = await screen();
  assert.match(String(path.validationMessage), /MFA device.*again\.$/, 'the question is back, with what to do');
  path.type('/backup');
  await type('123456');
  assert.equal(await done, true);
});

// Where the store is: the questions of the setup. Each is a step that can be gone back to; what was answered is kept.

import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError } from '../engine/errors';
import { isBeneath } from '../model/paths';
import { explain } from '../util/messages';
import { choiceStep, take, textStep, type Answers, type Intent } from './answers';
import { BACK, askChoice, type Step } from './steps';
import { folderUrl, isBucketName, isEndpoint, prefixFor, s3Url } from './storeUrl';

const onS3 = (answers: Answers): boolean => answers.place === 's3';

export const placeSteps: Step<Answers>[] = [
  choiceStep('place', () => ({
    placeholder: l10n.t('Where is the encrypted copy kept?'),
    items: [
      {
        label: `$(cloud) ${l10n.t('S3 bucket')}`,
        detail: l10n.t('Amazon S3, or any server that speaks its protocol'),
        value: 's3',
      },
      {
        label: `$(folder) ${l10n.t('Folder')}`,
        detail: l10n.t('On this computer, an external disk or a network drive'),
        value: 'folder',
      },
    ],
  })),
  textStep(
    'path',
    answers => ({
      prompt:
        answers.intent === 'create'
          ? l10n.t('Absolute path of the folder that will hold the encrypted copy. It is made if need be.')
          : l10n.t('Absolute path of the folder that holds the encrypted copy.'),
      browse: { tooltip: l10n.t('Browse…'), run: browse },
      check: path => checkFolder(answers, path),
    }),
    answers => answers.place === 'folder',
  ),
  choiceStep(
    'profile',
    async answers => ({
      placeholder: l10n.t('Which AWS profile has access to the bucket?'),
      items: [
        {
          label: l10n.t('Default credentials'),
          detail: l10n.t('From the environment, the default profile, or the role of this machine'),
          value: '',
        },
        ...(await profilesOf(answers)).map(name => ({ label: name, value: name })),
      ],
    }),
    onS3,
  ),
  textStep(
    'bucket',
    () => ({
      prompt: l10n.t('Name of the bucket'),
      placeholder: 'my-bucket',
      check: name =>
        isBucketName(name)
          ? undefined
          : l10n.t('A bucket name has 3 to 63 lower-case letters, digits, dots and hyphens.'),
    }),
    onS3,
  ),
  textStep(
    'prefix',
    answers => ({
      value: answers.prefix ?? prefixFor(answers.model.name),
      prompt: l10n.t('Prefix: the part of the bucket for this repository, so that others can live beside it'),
    }),
    onS3,
  ),
  textStep(
    'region',
    () => ({
      prompt: l10n.t('Region of the bucket. Leave it empty to use that of the profile.'),
      placeholder: 'eu-central-1',
      check: name =>
        /^[a-z0-9-]*$/.test(name) ? undefined : l10n.t('A region has lower-case letters, digits and hyphens.'),
    }),
    onS3,
  ),
  textStep(
    'endpoint',
    answers => ({
      prompt: l10n.t('Endpoint of another provider. Leave it empty for Amazon S3.'),
      placeholder: 'https://s3.example.com',
      check: endpoint => checkEndpoint(answers, endpoint),
    }),
    onS3,
  ),
  {
    // What was found is not what was meant.
    when: answers => answers.info !== undefined && answers.info.exists !== (answers.intent === 'connect'),
    async ask(answers, info) {
      const found = answers.info?.exists === true;
      const answer = await askChoice<Intent | 'back'>(
        info,
        found
          ? l10n.t('There is a repository in this place already.')
          : l10n.t('There is no repository in this place yet.'),
        [
          found
            ? { label: `$(plug) ${l10n.t('Connect to this repository')}`, value: 'connect' }
            : { label: `$(add) ${l10n.t('Create a new repository here')}`, value: 'create' },
          { label: `$(arrow-left) ${l10n.t('Choose another place')}`, value: 'back' },
        ],
      );
      if (answer === 'back') return BACK;
      return take(answer, value => {
        answers.intent = value;
      });
    },
  },
];

async function profilesOf(answers: Answers): Promise<string[]> {
  const { profiles } = await answers.app.engine.request('store/profiles', {}).catch(() => ({ profiles: [] }));
  return profiles.filter(name => name !== 'default');
}

async function checkFolder(answers: Answers, path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return l10n.t('This must be an absolute path.');
  const { root } = answers.model;
  if (path === root || isBeneath(path, root) || isBeneath(root, path))
    return l10n.t('The store must not lie in the workspace folder, nor the other way round.');
  return inspect(answers, folderUrl(path));
}

async function checkEndpoint(answers: Answers, endpoint: string): Promise<string | undefined> {
  if (endpoint !== '' && !isEndpoint(endpoint))
    return l10n.t(
      'This must be the address of a server, such as https://s3.example.com, without user name and password.',
    );
  const { bucket, prefix = '', region, profile = '' } = answers;
  return inspect(answers, s3Url({ bucket, prefix, region, endpoint, profile }));
}

// Looks at the store, so that a mistake shows where it was made. Returns the problem, if any.
async function inspect(answers: Answers, store: string): Promise<string | undefined> {
  try {
    answers.info = await answers.app.engine.request('store/inspect', { store });
    answers.store = store;
    return undefined;
  } catch (caught) {
    const error = toEngineError(caught);
    answers.app.notify.record(`looking at ${store}`, error);
    // The question comes back with this: there is no more to say.
    if (error.code === 'mfa_missing')
      return l10n.t('No code of your MFA device was given. Press Enter to be asked for it again.');
    const text = error.code === 'transient' ? l10n.t('The store cannot be reached.') : explain(error).text;
    return `${text} (${error.message})`;
  }
}

async function browse(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: l10n.t('Choose Folder'),
  });
  return picked?.[0]?.fsPath;
}

// Create a repository, or connect a folder to one: the questions, then the work, then the recovery kit, then the
// first sync.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError } from '../engine/errors';
import type { FolderModel } from '../model/folder';
import type { Answers, Intent } from '../setup/answers';
import { keySteps } from '../setup/keyQuestions';
import { placeSteps } from '../setup/placeQuestions';
import { runSteps } from '../setup/steps';
import { withProgress } from '../util/progress';
import { pickFolder, type Parts } from './context';
import { keep, requireKit } from './keys';
import { runSync } from './sync';

export async function setUp(parts: Parts, intent: Intent): Promise<void> {
  const free = parts.registry.all.filter(model => !model.linked);
  if (free.length === 0) {
    const text =
      parts.registry.all.length === 0
        ? l10n.t('Open the folder first that you want to keep in sync.')
        : l10n.t('This folder has a repository already.');
    void vscode.window.showInformationMessage(text);
    return;
  }
  const model = await pickFolder(parts, undefined, free);
  if (!model) return;
  const answers: Answers = {
    app: parts,
    model,
    intent,
    path: '',
    bucket: '',
    region: '',
    endpoint: '',
    store: '',
    secret: '',
  };
  const verb = intent === 'create' ? l10n.t('Create Repository') : l10n.t('Connect to Repository');
  const title = parts.registry.all.length > 1 ? l10n.t('{0}: {1}', verb, model.name) : verb;
  if (!(await runSteps(title, answers, [...placeSteps, ...keySteps]))) return;
  try {
    if (answers.keyKind === 'generate' && answers.intent === 'create')
      answers.secret = (await parts.engine.request('key/generate', {})).key;
    const repository =
      answers.intent === 'create' ? await create(parts, model, answers) : await connect(parts, model, answers);
    if (!repository) return;
    await keep(parts, repository, answers.secret, answers.keeping ?? 'session');
    if (answers.intent === 'create') await parts.folders.setKitPending(repository, true);
    await parts.folders.begin(model);
    model.noteKey('present');
    if (answers.intent === 'create' && !(await requireKit(parts, model, true))) return;
  } catch (caught) {
    parts.notify.failed(title, toEngineError(caught));
    return;
  } finally {
    answers.secret = '';
  }
  await runSync(parts, model, { mode: 'sync', interactive: true, first: true });
  await vscode.commands.executeCommand('workbench.view.scm');
}

async function create(parts: Parts, model: FolderModel, answers: Answers): Promise<string | undefined> {
  const work = (singleWriter: boolean) =>
    withProgress(model, 'setup', l10n.t('Creating the repository'), ({ signal }) =>
      parts.keys.trying('', answers.secret, () =>
        parts.engine.request(
          'repository/init',
          {
            folder: model.folder,
            store: answers.store,
            object_names: 'hmac-sha256',
            single_writer: singleWriter,
          },
          { signal },
        ),
      ),
    );
  try {
    return (await work(false)).repository;
  } catch (caught) {
    const error = toEngineError(caught);
    if (error.code !== 'unsupported') throw error;
    const verb = l10n.t('Use It for One Computer Only');
    const answer = await vscode.window.showWarningMessage(
      l10n.t('This store cannot keep two computers from overwriting each other.'),
      {
        modal: true,
        detail: l10n.t('It ignores conditional writes. It is safe only if this computer alone ever writes to it.'),
      },
      verb,
    );
    return answer === verb ? (await work(true)).repository : undefined;
  }
}

async function connect(parts: Parts, model: FolderModel, answers: Answers): Promise<string> {
  const linked = await withProgress(model, 'setup', l10n.t('Connecting to the repository'), ({ signal }) =>
    parts.keys.trying(answers.info?.repository ?? '', answers.secret, () =>
      parts.engine.request('repository/link', { folder: model.folder, store: answers.store }, { signal }),
    ),
  );
  return linked.repository;
}

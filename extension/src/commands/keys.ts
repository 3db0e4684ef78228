// Keys: enter, forget, generate, and the recovery kit. Nothing here creates or changes a repository.

import { chmod, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { matterKey } from '../alerts';
import { toEngineError } from '../engine/errors';
import type { FolderModel } from '../model/folder';
import { saveRecoveryKit } from '../secrets/recoveryKit';
import { askKeeping, keyProblem, secretPrompt } from '../setup/keyQuestions';
import { BACK, askText, runSteps, type Step } from '../setup/steps';
import { explain } from '../util/messages';
import { linksFor } from '../util/notify';
import { pickFolder, type Parts } from './context';

interface Entered {
  secret: string;
  keeping?: 'keychain' | 'session';
}

// Asks for the key of a folder, proves it, keeps it. False if the user does not give one.
export async function enterKey(parts: Parts, model: FolderModel): Promise<boolean> {
  const repository = model.repository;
  if (!repository) return false;
  const info = await parts.engine.request('store/inspect', { store: model.info?.store ?? '' }).catch(() => undefined);
  const entered: Entered = { secret: '' };
  const steps: Step<Entered>[] = [
    {
      async ask(state, step) {
        const answer = await askText(step, {
          password: true,
          prompt: secretPrompt(info),
          check: async text => (text.trim() === '' ? secretPrompt(info) : tryKey(parts, model, repository, text)),
        });
        if (answer === undefined || answer === BACK) return answer;
        state.secret = answer;
        return 'next';
      },
    },
    { ask: askKeeping },
  ];
  const done = await runSteps(l10n.t('Key of {0}', model.name), entered, steps);
  if (entered.secret === '') return false;
  // Escape at the second question: the key is right, so it is used, but kept no longer than the window.
  await keep(parts, repository, entered.secret, done ? (entered.keeping ?? 'session') : 'session');
  for (const other of parts.registry.withRepository(repository)) {
    other.noteKey('present');
    await parts.engine.request('watch/resume', { folder: other.folder }).catch(() => {});
    void other.refresh({ remote: true });
  }
  parts.history.reload();
  return true;
}

// Before something that the user asked for needs the key.
export async function ensureKey(parts: Parts, model: FolderModel): Promise<boolean> {
  if (!model.repository) return false;
  if (model.key !== 'wrong' && (await parts.keys.has(model.repository))) return true;
  return enterKey(parts, model);
}

// Asks the stores that wait for a code of an MFA device once more: now somebody is there to be asked for it.
export async function enterMfaCode(parts: Parts): Promise<void> {
  const waiting = parts.registry.linked.filter(model => model.failure?.code === 'mfa_missing');
  for (const model of waiting.length > 0 ? waiting : parts.registry.linked) {
    const { folder } = model;
    try {
      await model.run('check', () => parts.engine.request('status', { folder, check_remote: true }));
      await parts.engine.request('watch/resume', { folder });
      await model.refresh({ remote: true });
    } catch (caught) {
      const error = toEngineError(caught);
      const { text, remedy } = explain(error);
      // Said again where it has been said before, so that it goes when the code has been entered.
      if (error.code === 'mfa_missing')
        parts.notify.notice(matterKey(model, error.code), l10n.t('{0}: {1}', model.name, text), linksFor(remedy));
      else parts.notify.failed(model.name, error);
    }
  }
  parts.history.reload();
}

export async function keep(
  parts: Parts,
  repository: string,
  secret: string,
  keeping: 'keychain' | 'session',
): Promise<void> {
  const kept = await parts.keys.keep(repository, secret, keeping);
  if (kept !== keeping) {
    void parts.notify.troubled(
      'keychain',
      l10n.t('The keychain of this computer did not keep the key, so it will be asked for again in every window.'),
      [],
    );
  }
}

export async function forgetKey(parts: Parts, argument?: unknown): Promise<void> {
  const model = await pickFolder(parts, argument);
  if (!model?.repository) return;
  const verb = l10n.t('Forget Key');
  const answer = await vscode.window.showWarningMessage(
    l10n.t('Forget the key of {0} on this computer?', model.name),
    {
      modal: true,
      detail: l10n.t(
        'Files stay as they are. Nothing is synced until the key is entered again; without a copy of it the repository cannot be read any more.',
      ),
    },
    verb,
  );
  if (answer === verb) await parts.keys.forget(model.repository);
}

export async function saveKit(parts: Parts, argument?: unknown): Promise<void> {
  const model = await pickFolder(parts, argument);
  if (!model || !(await ensureKey(parts, model))) return;
  await requireKit(parts, model, false);
}

// Saves the kit; `mandatory`: says what follows if it is not saved. True if it has been.
export async function requireKit(parts: Parts, model: FolderModel, mandatory: boolean): Promise<boolean> {
  const repository = model.repository;
  const secret = repository && (await parts.keys.get(repository));
  if (!repository || !secret) return false;
  for (;;) {
    if (await saveRecoveryKit(parts, model, secret)) {
      parts.folders.setContext('recoveryKitSaved', true);
      await parts.folders.setKitPending(repository, false);
      return true;
    }
    if (!mandatory) return false;
    const again = l10n.t('Save Recovery Kit');
    const answer = await vscode.window.showWarningMessage(
      l10n.t('Nothing is published before the recovery kit is saved.'),
      {
        modal: true,
        detail: l10n.t(
          'If this computer is lost, the kit is the only way to read the repository. You can save it later, too: the next sync asks for it.',
        ),
      },
      again,
    );
    if (answer !== again) return false;
  }
}

export async function generateKey(parts: Parts): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(homedir(), 'mikura.key')),
    title: l10n.t('Save the New Key'),
    saveLabel: l10n.t('Save Key'),
  });
  if (!target) return;
  try {
    const { key } = await parts.engine.request('key/generate', {});
    await writeFile(target.fsPath, `${key.trim()}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(target.fsPath, 0o600);
    void vscode.window.setStatusBarMessage(`$(check) ${l10n.t('Key saved')}`, 5000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      void vscode.window.showErrorMessage(l10n.t('There is a file of this name. A key file is never overwritten.'));
    else parts.notify.failed(l10n.t('The key was not saved'), toEngineError(error));
  }
}

async function tryKey(
  parts: Parts,
  model: FolderModel,
  repository: string,
  secret: string,
): Promise<string | undefined> {
  try {
    await parts.keys.trying(repository, secret, () => parts.engine.request('key/check', { folder: model.folder }));
    return undefined;
  } catch (caught) {
    const error = toEngineError(caught);
    parts.notify.record('trying a key', error);
    return keyProblem(error);
  }
}

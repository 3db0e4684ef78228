// The recovery kit: a page of text with all that is needed to read the repository again if this computer is gone. It
// is written where the user says, readable by the user alone, and read back before it counts as saved.

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import type { FolderModel } from '../model/folder';
import { isBeneath } from '../model/paths';
import { prefixFor } from '../setup/storeUrl';

export interface KitContents {
  folder: string;
  store: string;
  repository: string;
  secret: string;
  createdMs: number;
}

export function recoveryKitText(kit: KitContents): string {
  const isKey = /^MIKURA-KEY-1/m.test(kit.secret);
  // The command reads a key from any file with such a line, so the kit itself works as a key file.
  return [
    `# ${l10n.t('Mikura recovery kit')}`,
    '#',
    `# ${l10n.t('Keep this page where you keep other important papers. Whoever has it can read everything in the repository,')}`,
    `# ${l10n.t('and without it (or another copy of the key) nobody can.')}`,
    '#',
    `# ${l10n.t('Folder:')} ${kit.folder}`,
    `# ${l10n.t('Store:')} ${kit.store}`,
    `# ${l10n.t('Repository:')} ${kit.repository}`,
    `# ${l10n.t('Date:')} ${new Date(kit.createdMs).toISOString().slice(0, 10)}`,
    '#',
    `# ${l10n.t('To get the files back on another computer:')}`,
    `# ${l10n.t('1. Install Mikura and sign in to the store.')}`,
    `# ${l10n.t('2. In VS Code: open an empty folder and run "Mikura: Connect to Repository…".')}`,
    `# ${l10n.t('   In a terminal:')} mikura --key-file ${l10n.t('<this file>')} clone '${kit.store}' ${l10n.t('<folder>')}`,
    `# ${isKey ? l10n.t('3. When asked for the key, paste the line below.') : l10n.t('3. When asked for the passphrase, type the line below.')}`,
    ...(isKey ? [] : [`# ${l10n.t('   (For the command, put that line alone into a file.)')}`]),
    '#',
    kit.secret.trim().split('\n').at(-1) ?? '',
    '',
  ].join('\n');
}

// Asks where, writes, reads back. False if the user does not want to now.
export async function saveRecoveryKit(app: App, model: FolderModel, secret: string): Promise<boolean> {
  const { store, repository } = model.info ?? {};
  if (!store || !repository) return false;
  const text = recoveryKitText({ folder: model.folder, store, repository, secret, createdMs: Date.now() });
  let suggestion = vscode.Uri.file(join(homedir(), `mikura-recovery-${prefixFor(model.name)}.txt`));
  for (;;) {
    const target = await vscode.window.showSaveDialog({
      defaultUri: suggestion,
      title: l10n.t('Save the Recovery Kit'),
      saveLabel: l10n.t('Save Recovery Kit'),
      filters: { [l10n.t('Text')]: ['txt'] },
    });
    if (!target) return false;
    const problem =
      target.scheme === 'file' && isBeneath(target.fsPath, model.root)
        ? l10n.t('The recovery kit must not lie in the folder that it unlocks. Choose another place.')
        : await write(target, text);
    if (problem === undefined) {
      void vscode.window.setStatusBarMessage(`$(check) ${l10n.t('Recovery kit saved')}`, 5000);
      return true;
    }
    app.log.warn(`the recovery kit was not saved: ${problem}`);
    suggestion = target;
    const again = l10n.t('Choose Another Place');
    if ((await vscode.window.showErrorMessage(problem, { modal: true }, again)) !== again) return false;
  }
}

async function write(target: vscode.Uri, text: string): Promise<string | undefined> {
  try {
    if (target.scheme === 'file') {
      await writeFile(target.fsPath, text, { mode: 0o600 });
      // The mode above counts for new files only.
      await chmod(target.fsPath, 0o600);
      return (await readFile(target.fsPath, 'utf8')) === text
        ? undefined
        : l10n.t('The file does not hold what was written. Choose another place.');
    }
    await vscode.workspace.fs.writeFile(target, Buffer.from(text));
    return undefined;
  } catch (error) {
    return l10n.t('The recovery kit could not be written: {0}', error instanceof Error ? error.message : String(error));
  }
}

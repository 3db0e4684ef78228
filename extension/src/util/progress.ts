// How a call that takes time is shown: at once by the progress bar of the Source Control view and the status item,
// and from the third second on by a notification that can cancel it.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { ProgressReport } from '../engine/protocol';
import type { FolderModel, OperationKind } from '../model/folder';
import { plain, size } from './text';

const NOTIFY_AFTER_MS = 3000;

export type Work<T> = (options: { signal: AbortSignal; onProgress: (report: ProgressReport) => void }) => Promise<T>;

export async function withProgress<T>(
  model: FolderModel,
  kind: OperationKind,
  title: string,
  work: Work<T>,
): Promise<T> {
  const abort = new AbortController();
  const reports = new Set<(report: ProgressReport) => void>();
  const running = model.run(kind, onProgress =>
    work({
      signal: abort.signal,
      onProgress: report => {
        onProgress(report);
        for (const listener of reports) listener(report);
      },
    }),
  );
  const settled = running.then(
    () => {},
    () => {},
  );
  void vscode.window.withProgress({ location: vscode.ProgressLocation.SourceControl, title }, () => settled);
  const timer = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: plain(title), cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => abort.abort());
        let shown = 0;
        const listener = (report: ProgressReport) => {
          const done = Math.round(fraction(report) * 100);
          progress.report({ message: describe(report), increment: Math.max(0, done - shown) });
          shown = Math.max(shown, done);
        };
        reports.add(listener);
        if (model.operation?.progress) listener(model.operation.progress);
        await settled;
      },
    );
  }, NOTIFY_AFTER_MS);
  try {
    return await running;
  } finally {
    clearTimeout(timer);
  }
}

// Downloading and uploading are the long parts; the rest of the bar is for what lies around them.
function fraction(report: ProgressReport): number {
  const part =
    report.total_bytes > 0
      ? report.done_bytes / report.total_bytes
      : report.total_items > 0
        ? report.done_items / report.total_items
        : 0;
  const spans: Record<ProgressReport['phase'], [number, number]> = {
    connecting: [0, 0.02],
    scanning: [0.02, 0.1],
    downloading: [0.1, 0.45],
    applying: [0.45, 0.55],
    uploading: [0.55, 0.97],
    publishing: [0.97, 1],
  };
  const [low, high] = spans[report.phase] ?? [0, 0];
  return low + (high - low) * Math.min(1, part);
}

export function describe(report: ProgressReport): string {
  const counted =
    report.total_items > 0
      ? l10n.t('{0} of {1}', report.done_items, report.total_items)
      : report.done_items > 0
        ? String(report.done_items)
        : '';
  const bytes = report.total_bytes > 0 ? ` (${size(report.done_bytes)} / ${size(report.total_bytes)})` : '';
  const phase = phaseName(report.phase);
  return counted ? `${phase}: ${counted}${bytes}` : phase;
}

function phaseName(phase: ProgressReport['phase']): string {
  switch (phase) {
    case 'connecting':
      return l10n.t('Connecting');
    case 'scanning':
      return l10n.t('Scanning files');
    case 'downloading':
      return l10n.t('Downloading');
    case 'applying':
      return l10n.t('Writing files');
    case 'uploading':
      return l10n.t('Uploading');
    case 'publishing':
      return l10n.t('Publishing');
  }
}

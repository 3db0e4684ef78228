// What the verbs say while they run.
#include <array>

#include "cli/messages.h"

namespace mikura {
namespace {

constexpr auto kMessages = std::to_array<Message>({
    {"error.line", "mikura: {0}", "mikura: {0}"},
    {"error.hint", "  {0}", "  {0}"},
    {"error.not_found", "Not found", "見つかりません"},
    {"error.already_exists", "Already there", "すでに存在します"},
    {"error.conflict", "Changed meanwhile", "処理中に変更されました"},
    {"error.transient", "The store cannot be reached", "ストアに接続できません"},
    {"error.denied", "Access was denied", "アクセスが拒否されました"},
    {"error.no_credentials", "No credentials were found", "認証情報が見つかりません"},
    {"error.wrong_key", "The key is wrong", "鍵が違います"},
    {"error.corrupt", "The verification failed", "検証に失敗しました"},
    {"error.rollback", "The store went back in time", "ストアが過去の状態に戻っています"},
    {"error.cancelled", "Cancelled", "中止しました"},
    {"error.invalid", "This cannot be carried out as it was asked",
     "指定された内容では実行できません"},
    {"error.refused", "Stopped to protect your files", "ファイルを守るために停止しました"},
    {"error.unsupported", "Not supported here", "ここではサポートされていません"},
    {"error.busy", "Another process is using the folder",
     "別のプロセスがこのフォルダーを使用中です"},
    {"error.full", "No space is left, or a limit was reached",
     "空き容量がないか、上限に達しました"},
    {"error.io", "The system reported an error", "システムがエラーを報告しました"},
    {"error.internal", "A bug in Mikura", "Mikura の不具合です"},
    {"cancelled", "cancelled; what was begun is finished or undone by the next run",
     "中止しました。途中までの作業は、次の実行が完了するか元に戻します"},
    {"signal.stopping", "mikura: stopping; please wait…",
     "mikura: 停止しています。お待ちください…"},

    {"usage.no_verb", "say what to do", "操作を指定してください"},
    {"usage.unknown_verb", "there is no verb {0}", "{0} という操作はありません"},
    {"usage.did_you_mean", "Did you mean `mikura {0}`?", "`mikura {0}` のことですか。"},
    {"usage.help", "`mikura --help` lists the verbs, `mikura VERB --help` explains one.",
     "`mikura --help` で操作の一覧、`mikura 操作 --help` で個々の説明を表示します。"},
    {"usage.verb_help", "`mikura {0} --help` explains the verb.",
     "`mikura {0} --help` で説明を表示します。"},

    {"init.done", "Created repository {0} at {1}.", "リポジトリ {0} を {1} に作成しました。"},
    {"init.next",
     "Run `mikura sync` to store this folder in it. Keep the key safe: without it nobody can read "
     "the repository, not even you.",
     "`mikura sync` でこのフォルダーを保存できます。鍵は大切に保管してください。鍵がなければ、"
     "あなた自身も読めなくなります。"},
    {"link.done", "Linked {0} to {1}.", "{0} を {1} に接続しました。"},
    {"link.next", "Run `mikura sync` to merge both.", "`mikura sync` で両方を統合します。"},
    {"clone.done.one", "Cloned version {1} into {2}: one file, {3}.",
     "バージョン {1} を {2} に取得しました: {0} ファイル、{3}。"},
    {"clone.done.many", "Cloned version {1} into {2}: {0} files, {3}.",
     "バージョン {1} を {2} に取得しました: {0} ファイル、{3}。"},
    {"clone.empty", "Cloned into {0}. The repository has no version yet.",
     "{0} に取得しました。リポジトリにはまだバージョンがありません。"},
    {"remember.failed", "mikura: the place of the key file could not be remembered: {0}",
     "mikura: 鍵ファイルの場所を記憶できませんでした: {0}"},

    {"sync.nothing", "Everything is in sync (version {0}).",
     "すべて同期済みです (バージョン {0})。"},
    {"sync.empty", "Nothing to do: the folder is empty and the repository has no version yet.",
     "同期するものがありません。フォルダーは空で、リポジトリにはまだバージョンがありません。"},
    {"sync.published", "Published version {0} ({1}).", "バージョン {0} ({1}) を公開しました。"},
    {"sync.pulled", "The folder is now at version {0}.",
     "フォルダーはバージョン {0} になりました。"},
    {"sync.dry_run", "This is what would happen; nothing was changed:",
     "実行した場合の内容です。何も変更していません:"},
    {"sync.dry_run_nothing", "Nothing would happen.", "実行しても何も変わりません。"},
    {"sync.guarded", "This is what it would do:", "実行した場合の内容:"},
    {"sync.uploaded.one", "Sent one object, {1}.", "送信: {0} オブジェクト、{1}。"},
    {"sync.uploaded.many", "Sent {0} objects, {1}.", "送信: {0} オブジェクト、{1}。"},
    {"sync.downloaded.one", "Fetched one object, {1}.", "受信: {0} オブジェクト、{1}。"},
    {"sync.downloaded.many", "Fetched {0} objects, {1}.", "受信: {0} オブジェクト、{1}。"},
    {"sync.backup", "What was replaced or deleted is kept in {0}.",
     "置き換えたもの、削除したものは {0} に保管しました。"},
    {"sync.more", "The repository has changes that are not here yet: run `mikura pull`.",
     "リポジトリに未取得の変更があります。`mikura pull` を実行してください。"},
    {"actions.more", "  … and {0} more", "  … ほか {0} 件"},

    {"conflicts.none", "No conflicts.", "競合はありません。"},
    {"conflicts.some.one", "One conflict. Your file was kept; the other version lies beside it:",
     "{0} 件が競合しています。手元のファイルはそのまま残し、もう一方を隣に保存しました:"},
    {"conflicts.some.many",
     "{0} conflicts. Your files were kept; the other versions lie beside them:",
     "{0} 件が競合しています。手元のファイルはそのまま残し、もう一方を隣に保存しました:"},
    {"conflicts.line", "  {0}  {1}   (other version: {2})", "  {0}  {1}   (もう一方: {2})"},
    {"conflicts.not_here", "not fetched yet", "未取得"},
    {"conflicts.help",
     "Choose with `mikura resolve PATH --keep-local` or `--take-remote`, or edit your file and "
     "delete the copy.",
     "`mikura resolve パス --keep-local` または `--take-remote` "
     "で選ぶか、ファイルを編集してからコピーを削除してください。"},
    {"resolve.keep_local", "{0}: kept the local file. The next sync publishes it.",
     "{0}: 手元のファイルを残しました。次の同期で公開されます。"},
    {"resolve.take_remote", "{0}: took the repository's version.",
     "{0}: リポジトリの内容を採用しました。"},
    {"resolve.backup", "  The other one is kept in {0}.", "  もう一方は {0} に保管しました。"},
    {"problems.some.one", "One remark on a file:", "ファイルについて {0} 件の注意があります:"},
    {"problems.some.many", "{0} remarks on files:", "ファイルについて {0} 件の注意があります:"},

    {"status.folder", "Folder {0}, repository {1}", "フォルダー {0}、リポジトリ {1}"},
    {"status.versions", "Here: version {0}; latest: version {1}.",
     "手元: バージョン {0}、最新: バージョン {1}。"},
    {"status.here_only", "Here: version {0}.", "手元: バージョン {0}。"},
    {"status.remote_problem", "The repository could not be checked: {0}",
     "リポジトリを確認できませんでした: {0}"},
    {"status.local", "Changes to push:", "送信される変更:"},
    {"status.incoming", "Incoming changes:", "取得される変更:"},
    {"status.clean", "Nothing to push or pull.", "送受信する変更はありません。"},
    {"status.clean_local", "Nothing to push.", "送信する変更はありません。"},

    {"restore.done.one", "Restored one path to version {1}.",
     "{0} 件をバージョン {1} の状態に戻しました。"},
    {"restore.done.many", "Restored {0} paths to version {1}.",
     "{0} 件をバージョン {1} の状態に戻しました。"},
    {"restore.nothing", "Nothing differs from version {0}.",
     "バージョン {0} との違いはありません。"},
    {"restore.next", "Run `mikura sync` to publish this state as a new version.",
     "`mikura sync` でこの状態を新しいバージョンとして公開できます。"},

    {"log.empty", "No version yet.", "まだバージョンがありません。"},
    {"log.more", "There are older versions: `mikura log --all` lists them.",
     "さらに古いバージョンがあります。`mikura log --all` で表示します。"},
    {"diff.none", "No differences.", "違いはありません。"},
    {"diff.binary", "binary: {0} -> {1}", "バイナリー: {0} -> {1}"},
    {"diff.total", "{0} changed; {1} lines added, {2} removed.",
     "{0} 件の変更。{1} 行追加、{2} 行削除。"},

    {"key.written", "Wrote a new key to {0}.", "新しい鍵を {0} に書き込みました。"},
    {"key.warning",
     "Whoever has this key can read everything; without it nobody can, and there is no way back. "
     "Keep a copy in a safe place.",
     "この鍵を持つ人はすべてを読めます。鍵を失うと誰も読めず、取り戻す方法はありません。"
     "安全な場所に控えを保管してください。"},
    {"key.prompt", "Passphrase for {0}: ", "{0} のパスフレーズ: "},
    {"key.prompt_key", "Key for {0} (MIKURA-KEY-1…): ", "{0} の鍵 (MIKURA-KEY-1…): "},
    {"key.prompt_new",
     "New passphrase (at least 12 characters): ", "新しいパスフレーズ (12 文字以上): "},
    {"mfa.prompt",
     "Code of the MFA device {0}, for the role {1}: ", "MFA デバイス {0} のコード (ロール {1}): "},
    {"key.prompt_again", "The same again: ", "もう一度入力: "},

    {"doctor.ok", "ok", "正常"},
    {"doctor.warning", "warning", "注意"},
    {"doctor.failed", "FAILED", "失敗"},
    {"doctor.skipped", "skipped", "省略"},

    {"progress.connecting", "Connecting", "接続中"},
    {"progress.scanning", "Looking at files", "ファイルを確認中"},
    {"progress.downloading", "Fetching", "取得中"},
    {"progress.applying", "Writing files", "書き込み中"},
    {"progress.uploading", "Sending", "送信中"},
    {"progress.publishing", "Publishing", "公開中"},
});

}  // namespace

std::span<const Message> run_messages() {
  return kMessages;
}

}  // namespace mikura

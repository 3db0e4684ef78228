#include "cli/messages.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/check.h"

namespace mikura {
namespace {

std::atomic<Language> language = Language::english;

constexpr auto kMessages = std::to_array<Message>({
    {"error.prefix", "mikura: {0}", "mikura: {0}"},
    {"error.wrong_key", "The key is wrong.", "鍵が違います。"},
    {"error.corrupt", "The repository failed verification.", "リポジトリの検証に失敗しました。"},
    {"error.rollback", "The store went back in time.", "ストアが過去の状態に戻っています。"},
    {"error.transient", "The store cannot be reached.", "ストアに接続できません。"},
    {"error.denied", "Access was denied.", "アクセスが拒否されました。"},
    {"error.no_credentials", "No credentials were found.", "認証情報が見つかりません。"},
    {"error.cancelled", "Cancelled. Nothing is half done; run the command again to go on.", "中止しました。途中の状態は残りません。もう一度実行すると続きから始まります。"},
    {"error.busy", "Another process is using the folder.", "別のプロセスがこのフォルダーを使用中です。"},
    {"error.refused", "Stopped to protect your files.", "ファイルを守るために停止しました。"},
    {"error.not_found", "Not found.", "見つかりません。"},
    {"error.already_exists", "Already there.", "すでに存在します。"},
    {"error.conflict", "Changed meanwhile.", "処理中に変更されました。"},
    {"error.invalid", "The command was not understood.", "コマンドを解釈できません。"},
    {"error.unsupported", "Not supported here.", "ここではサポートされていません。"},
    {"error.full", "No space left, or a limit was reached.", "空き容量がないか、上限に達しました。"},
    {"error.io", "The file system reported an error.", "ファイルシステムのエラーです。"},
    {"error.internal", "A bug in Mikura.", "Mikura の不具合です。"},
    {"init.done", "Created repository {0} at {1}.", "リポジトリ {0} を {1} に作成しました。"},
    {"init.next", "Run `mikura sync` to store this folder in it. Keep the key safe: without it nobody can read the repository, not even you.",
     "`mikura sync` でこのフォルダーを保存できます。鍵は大切に保管してください。鍵がなければ、あなた自身も読めなくなります。"},
    {"link.done", "Linked {0} to {1}.", "{0} を {1} に接続しました。"},
    {"link.next", "Run `mikura sync` to merge both.", "`mikura sync` で両方を統合します。"},
    {"clone.done", "Cloned version {0} into {1}: {2} files, {3}.", "バージョン {0} を {1} に取得しました: {2} ファイル、{3}。"},
    {"clone.empty", "Cloned into {0}. The repository has no version yet.", "{0} に取得しました。リポジトリにはまだバージョンがありません。"},
    {"sync.nothing", "Everything is in sync (version {0}).", "すべて同期済みです (バージョン {0})。"},
    {"sync.published", "Published version {0} ({1}).", "バージョン {0} ({1}) を公開しました。"},
    {"sync.dry_run", "This is what would happen; nothing was changed:", "実行した場合の内容です。何も変更していません:"},
    {"sync.uploaded", "Sent {0} objects, {1}.", "送信: {0} オブジェクト、{1}。"},
    {"sync.downloaded", "Fetched {0} objects, {1}.", "受信: {0} オブジェクト、{1}。"},
    {"sync.backup", "Replaced files were kept in {0}.", "置き換えたファイルは {0} に保管しました。"},
    {"sync.more", "The repository has changes that are not here yet: run `mikura pull`.", "リポジトリに未取得の変更があります。`mikura pull` を実行してください。"},
    {"conflicts.none", "No conflicts.", "競合はありません。"},
    {"conflicts.some", "{0} in conflict. Your file was kept; the other version lies beside it:",
     "{0} 件が競合しています。手元のファイルは保持され、もう一方は隣に保存されています:"},
    {"conflicts.line", "  {0}   (other version: {1})", "  {0}   (もう一方: {1})"},
    {"conflicts.not_here", "not fetched yet", "未取得"},
    {"conflicts.help", "Choose with `mikura resolve PATH --keep-local` or `--take-remote`, or edit your file and delete the copy.",
     "`mikura resolve パス --keep-local` または `--take-remote` で選ぶか、ファイルを編集してからコピーを削除してください。"},
    {"problems.some", "{0} not synced or noteworthy:", "同期されない、または注意が必要なものが {0} 件あります:"},
    {"status.folder", "Folder {0}, repository {1}", "フォルダー {0}、リポジトリ {1}"},
    {"status.versions", "Here: version {0}; latest: version {1}.", "手元: バージョン {0}、最新: バージョン {1}。"},
    {"status.here_only", "Here: version {0}.", "手元: バージョン {0}。"},
    {"status.remote_problem", "The repository could not be checked: {0}", "リポジトリを確認できませんでした: {0}"},
    {"status.local", "Changes to push:", "送信される変更:"},
    {"status.incoming", "Changes to pull:", "取得される変更:"},
    {"status.clean", "Nothing to push or pull.", "送受信する変更はありません。"},
    {"status.clean_local", "Nothing to push.", "送信する変更はありません。"},
    {"restore.done", "Restored {0} paths to version {1}.", "{0} 件をバージョン {1} の状態に戻しました。"},
    {"restore.nothing", "Nothing differs from version {0}.", "バージョン {0} との違いはありません。"},
    {"restore.next", "Run `mikura sync` to publish this state as a new version.", "`mikura sync` でこの状態を新しいバージョンとして公開できます。"},
    {"resolve.keep_local", "{0}: kept the local file. The next sync publishes it.", "{0}: 手元のファイルを残しました。次の同期で公開されます。"},
    {"resolve.take_remote", "{0}: took the repository's version. The local file was put into {1}.",
     "{0}: リポジトリの内容を採用しました。手元のファイルは {1} に保管しました。"},
    {"log.empty", "No version yet.", "まだバージョンがありません。"},
    {"diff.none", "No differences.", "違いはありません。"},
    {"key.written", "Wrote a new key to {0}.", "新しい鍵を {0} に書き込みました。"},
    {"key.warning", "Whoever has this key can read everything; without it nobody can, and there is no way back. Keep a copy in a safe place.",
     "この鍵を持つ人はすべてを読めます。鍵を失うと誰も読めず、取り戻す方法はありません。安全な場所に控えを保管してください。"},
    {"key.prompt", "Passphrase for {0}: ", "{0} のパスフレーズ: "},
    {"key.prompt_new", "New passphrase (at least 12 characters): ", "新しいパスフレーズ (12 文字以上): "},
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
    {"signal.stopping", "Stopping…", "停止しています…"},
});

}  // namespace

Language language_from(std::string_view lc_all, std::string_view lc_messages, std::string_view lang) {
  const std::string_view chosen = !lc_all.empty() ? lc_all : !lc_messages.empty() ? lc_messages : lang;
  return chosen.starts_with("ja") ? Language::japanese : Language::english;
}

void set_language(Language chosen) { language = chosen; }

Language current_language() { return language; }

std::span<const Message> all_messages() { return kMessages; }

std::string_view message(std::string_view id) {
  const auto found = std::find_if(kMessages.begin(), kMessages.end(), [&](const Message& m) { return m.id == id; });
  CHECK(found != kMessages.end());
  return language == Language::japanese ? found->japanese : found->english;
}

}  // namespace mikura

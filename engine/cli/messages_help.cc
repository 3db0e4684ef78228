// What --help says.
#include <array>

#include "cli/messages.h"

namespace mikura {
namespace {

constexpr auto kMessages = std::to_array<Message>({
    {"help.description",
     "Mikura keeps a folder encrypted, versioned and in sync on S3 or in a directory.\n"
     "Only holders of the key can read or change what is stored.\n",
     "Mikura は、フォルダーを暗号化し、版を残しながら、S3 またはディレクトリと同期します。\n"
     "保存された内容を読んだり変えたりできるのは、鍵を持つ人だけです。\n"},
    {"help.footer",
     "Exit codes: 0 done, 1 failed, 2 usage, 3 conflicts remain, 4 access denied, 5 wrong key,\n"
     "6 tampering or corruption, 7 store unreachable, 8 stopped by a guard, 130 cancelled.\n\n"
     "The key is never given as an argument: --key-file, --key-fd, --key-command, MIKURA_KEY_FILE\n"
     "(a path), or a prompt. A key file named at init, link or clone is remembered.\n\n"
     "To begin:\n"
     "  mikura key generate ~/mikura.key\n"
     "  cd project && mikura --key-file ~/mikura.key init s3://bucket/project && mikura sync",
     "終了コード: 0 完了、1 失敗、2 使い方の誤り、3 競合あり、4 アクセス拒否、5 鍵の誤り、\n"
     "6 改ざんまたは破損、7 ストアに接続不可、8 安全のため停止、130 中止。\n\n"
     "鍵そのものは引数で渡しません。--key-file、--key-fd、--key-command、MIKURA_KEY_FILE (パス)、\n"
     "または入力で渡します。init、link、clone で指定した鍵ファイルの場所は記憶されます。\n\n"
     "はじめに:\n"
     "  mikura key generate ~/mikura.key\n"
     "  cd project && mikura --key-file ~/mikura.key init s3://bucket/project && mikura sync"},
    {"help.usage", "Usage", "使い方"},
    {"help.usage_options", "OPTIONS", "オプション"},
    {"help.usage_verb", "VERB", "操作"},
    {"help.arguments", "Arguments", "引数"},
    {"help.options", "Options", "オプション"},
    {"help.global_options", "Options of every verb", "すべての操作に共通のオプション"},
    {"help.verbs", "Verbs", "操作"},
    {"help.set_up", "Set up", "準備"},
    {"help.every_day", "Every day", "日常"},
    {"help.history", "History", "履歴"},
    {"help.conflicts", "Conflicts", "競合"},
    {"help.help", "Keys and help", "鍵と補助"},

    {"verb.init", "Create a repository and link a folder to it",
     "リポジトリを作成し、フォルダーを接続する"},
    {"verb.link", "Link an existing folder to an existing repository",
     "既存のフォルダーを既存のリポジトリに接続する"},
    {"verb.clone", "Check out the latest version into a new folder",
     "最新の版を新しいフォルダーに取得する"},
    {"verb.sync", "Bring folder and repository together: pull, then push",
     "フォルダーとリポジトリを同期する (取得してから送信)"},
    {"verb.push", "Publish local changes as a new version", "手元の変更を新しい版として公開する"},
    {"verb.pull", "Bring the folder to the latest version", "フォルダーを最新の版にする"},
    {"verb.configure", "Show or set how this folder syncs",
     "このフォルダーの同期の設定を表示・変更する"},
    {"verb.watch", "Keep folder and repository together as they change",
     "変更を監視し、フォルダーとリポジトリを同期し続ける"},
    {"verb.status", "Show local changes, conflicts and what the repository has new",
     "手元の変更、競合、リポジトリの新しい変更を表示する"},
    {"verb.log", "List the versions, newest first", "版を新しい順に一覧表示する"},
    {"verb.diff", "Show what differs between versions, or between a version and the folder",
     "版と版、または版とフォルダーの違いを表示する"},
    {"verb.show", "List the files of a version", "ある版のファイルを一覧表示する"},
    {"verb.cat", "Write one file of a version to the standard output",
     "ある版のファイル 1 つを標準出力に書き出す"},
    {"verb.restore", "Bring back the folder, or parts of it, as they were in a version",
     "フォルダーの全体または一部を、ある版の状態に戻す"},
    {"verb.conflicts", "List the unresolved conflicts", "未解決の競合を一覧表示する"},
    {"verb.resolve", "Resolve conflicts", "競合を解決する"},
    {"verb.key", "Make keys", "鍵を作る"},
    {"verb.key_generate", "Make a new key", "新しい鍵を作る"},
    {"verb.policy", "Print the least that a role needs on a bucket, as an AWS policy",
     "ある役割がバケットに必要とする最小限の権限を AWS のポリシーとして出力する"},
    {"verb.doctor", "Check store, permissions, key, clock and state",
     "ストア、権限、鍵、時計、状態を検査する"},
    {"verb.serve", "Serve an editor: JSON-RPC over standard input and output",
     "エディター用のエンジンとして動作する (標準入出力の JSON-RPC)"},
    {"verb.completion", "Print a completion script for a shell",
     "シェルの補完スクリプトを出力する"},
    {"verb.version", "Print the version of Mikura", "Mikura のバージョンを表示する"},

    {"option.help", "Explain and exit", "説明を表示して終了する"},
    {"option.version_flag", "Print the version of Mikura and exit",
     "Mikura のバージョンを表示して終了する"},
    {"option.folder", "Work as if started in this folder",
     "このフォルダーで起動したものとして動作する"},
    {"option.key_file", "File with the key (or passphrase)", "鍵 (またはパスフレーズ) のファイル"},
    {"option.key_fd", "Open descriptor to read the key from", "鍵を読み込むファイル記述子"},
    {"option.key_command", "Shell command that prints the key", "鍵を出力するシェルコマンド"},
    {"option.json", "One JSON document on stdout; errors as JSON on stderr",
     "標準出力に JSON を 1 つ出力する。エラーは標準エラーに JSON で出力する"},
    {"option.quiet", "Say nothing but errors and what was asked for",
     "エラーと、求められた結果だけを表示する"},
    {"option.verbose", "Show every request and decision on stderr",
     "すべての要求と判断を標準エラーに表示する"},
    {"option.no_progress", "No progress line", "進捗を表示しない"},
    {"option.profile", "AWS profile (remembered by init, link and clone)",
     "AWS プロファイル (init、link、clone で記憶する)"},
    {"option.region", "S3 region (remembered by init, link and clone)",
     "S3 リージョン (init、link、clone で記憶する)"},
    {"option.endpoint", "S3 endpoint of another provider (remembered by init, link and clone)",
     "他のプロバイダーの S3 エンドポイント (init、link、clone で記憶する)"},
    {"option.store", "file:///path/of/the/store or s3://bucket/prefix[?endpoint=URL&region=NAME]",
     "file:///ストアのパス または s3://バケット/プレフィックス[?endpoint=URL&region=リージョン]"},
    {"option.link_dir", "The folder to link (default: this one)",
     "接続するフォルダー (省略時は現在のフォルダー)"},
    {"option.clone_dir", "The folder to make", "作成するフォルダー"},
    {"option.object_names",
     "hmac-sha256: names tell nothing without the key (default); sha256: the plain hash, which\n"
     "lets whoever lists the store recognise known files. Fixed for ever",
     "hmac-sha256: 鍵がなければ名前から何も分からない (既定)。sha256: 素のハッシュで、\n"
     "ストアの一覧を見られる人に既知のファイルの有無が分かる。後から変更できない"},
    {"option.single_writer",
     "Accept a store without conditional writes: only one machine may ever push",
     "条件付き書き込みのないストアを使う。送信してよいのは 1 台の機械だけになる"},
    {"option.message", "A note that the version carries", "版に付ける説明"},
    {"option.dry_run", "Show what would happen and change nothing",
     "実行内容を表示し、何も変更しない"},
    {"option.policy",
     "When both sides changed a file: keepBoth (default), lastWriteWins (the newer one), or merge",
     "両側で変更されたファイルの扱い: keepBoth (既定)、lastWriteWins (新しい方)、merge (マージ)"},
    {"option.allow_mass_change",
     "Go on although more than half of the files would be deleted or replaced",
     "半数を超えるファイルが削除または置き換えられる場合でも続行する"},
    {"option.local", "Look at the folder only: needs neither key nor network",
     "フォルダーだけを調べる。鍵もネットワークも必要ない"},
    {"option.version", "HEAD, HEAD~N, base, or the start or end of a version's id",
     "HEAD、HEAD~N、base、または版の ID の先頭か末尾"},
    {"option.log_path", "Only versions that changed this file or folder",
     "このファイルまたはフォルダーを変更した版だけ"},
    {"option.limit", "At most so many (default 50)", "表示する最大数 (既定 50)"},
    {"option.all_versions", "All of them", "すべて表示する"},
    {"option.show_path", "Only these files or folders", "これらのファイルまたはフォルダーだけ"},
    {"option.cat_path", "The file", "ファイル"},
    {"option.diff_words",
     "Two versions; or one, and the folder; or none: the last sync and the folder",
     "版 2 つ。1 つならフォルダーと比較。なければ前回の同期とフォルダーを比較"},
    {"option.name_status", "Names only", "名前だけを表示する"},
    {"option.stat", "Names and how many lines were added and removed",
     "名前と、追加・削除された行数を表示する"},
    {"option.restore_path", "Only these files or folders (default: everything)",
     "これらのファイルまたはフォルダーだけ (省略時は全体)"},
    {"option.restore_to", "Write into this other folder instead; nothing there is overwritten",
     "別のこのフォルダーに書き出す。そこにあるものは上書きしない"},
    {"option.resolve_path", "The files or folders in conflict, or the copies beside them",
     "競合しているファイルやフォルダー、またはその隣のコピー"},
    {"option.all_conflicts", "All conflicts", "すべての競合"},
    {"option.keep_local", "Keep the file in the folder; the next sync publishes it",
     "手元のファイルを残す。次の同期で公開する"},
    {"option.take_remote", "Take what the repository has; the local file is kept in .mikura/backup",
     "リポジトリの内容を採用する。手元のファイルは .mikura/backup に保管する"},
    {"option.merge", "Bring the changes of both sides together, if the file is a text",
     "テキストファイルであれば、両側の変更をマージする"},
    {"option.markers", "With --merge: mark in the file what cannot be merged; it stays in conflict",
     "--merge とともに: マージできない箇所をファイルに記し、競合のまま残す"},
    {"option.gitignore", "Whether .gitignore counts as well as .mikuraignore (default: on)",
     ".mikuraignore に加えて .gitignore も使うかどうか (既定: on)"},
    {"option.poll", "Ask the repository for news every N seconds (default 300)",
     "リポジトリの更新を N 秒ごとに確認する (既定 300)"},
    {"option.look_only", "Publish and change nothing, only look",
     "何も公開・変更せず、確認だけを行う"},
    {"option.keep_both", "Keep both files: the copy gets a name of its own, and is synced",
     "両方のファイルを残す。コピーには別の名前が付き、同期される"},
    {"option.key_path", "Where to put it (default: print it)", "書き込み先 (省略時は画面に出力)"},
    {"option.policy_role", "reader, writer or maintainer", "reader、writer または maintainer"},
    {"option.bucket_policy", "A policy for the bucket instead of one for users and roles",
     "ユーザーやロールのポリシーではなく、バケットポリシーを出力する"},
    {"option.principal", "Whom the bucket policy is for", "バケットポリシーの対象"},
    {"option.shell", "bash, zsh or fish", "bash、zsh または fish"},

    {"examples.init",
     "The store must not lie inside the folder, nor the folder inside the store.\n\n"
     "Examples:\n"
     "  mikura --key-file ~/mikura.key init file:///srv/store\n"
     "  mikura --key-file ~/mikura.key init s3://bucket/project --region eu-central-1",
     "ストアとフォルダーは、互いの内側に置けません。\n\n"
     "例:\n"
     "  mikura --key-file ~/mikura.key init file:///srv/store\n"
     "  mikura --key-file ~/mikura.key init s3://bucket/project --region ap-northeast-1"},
    {"examples.link",
     "The next sync merges both: what differs on both sides becomes a conflict, nothing is\n"
     "overwritten.\n\n"
     "Example:\n"
     "  mikura --key-file ~/mikura.key link s3://bucket/project ~/project",
     "次の同期で両方を統合します。両側で異なるものは競合になり、何も上書きされません。\n\n"
     "例:\n"
     "  mikura --key-file ~/mikura.key link s3://bucket/project ~/project"},
    {"examples.clone",
     "Example:\n"
     "  mikura --key-file ~/mikura.key clone file:///srv/store project",
     "例:\n"
     "  mikura --key-file ~/mikura.key clone file:///srv/store project"},
    {"examples.sync",
     "Ends with 3 while conflicts remain.\n\n"
     "Examples:\n"
     "  mikura sync\n"
     "  mikura sync -m 'figures of March' --dry-run",
     "競合が残っている間は 3 で終了します。\n\n"
     "例:\n"
     "  mikura sync\n"
     "  mikura sync -m '3 月の数値' --dry-run"},
    {"examples.push",
     "Does not touch the folder. Ends with 3 if a file was changed on both sides.\n\n"
     "Example:\n"
     "  mikura push -m 'first draft'",
     "フォルダーには手を加えません。両側で変更されたファイルがあると 3 で終了します。\n\n"
     "例:\n"
     "  mikura push -m '初稿'"},
    {"examples.pull",
     "Publishes nothing. Ends with 3 while conflicts remain.\n\n"
     "Example:\n"
     "  mikura pull --dry-run",
     "何も公開しません。競合が残っている間は 3 で終了します。\n\n"
     "例:\n"
     "  mikura pull --dry-run"},
    {"examples.configure",
     "Without options: shows how this folder syncs. It is kept in the folder, for all later "
     "runs.\n\n"
     "Examples:\n"
     "  mikura configure\n"
     "  mikura configure --policy merge",
     "オプションがなければ現在の設定を表示します。設定はフォルダーに保存され、以後の実行で使われま"
     "す。\n\n"
     "例:\n"
     "  mikura configure\n"
     "  mikura configure --policy merge"},
    {"examples.watch",
     "Runs until it is ended (Ctrl-C, SIGTERM): a run under way is brought to a safe end. While "
     "the\n"
     "store cannot be reached it goes on trying. A problem that will not go away by itself ends "
     "it.\n"
     "`mikura status` shows from elsewhere how it goes. With --json: one line per state.\n\n"
     "Examples:\n"
     "  mikura watch\n"
     "  mikura watch --poll 60 --json",
     "終了されるまで (Ctrl-C、SIGTERM) "
     "動作し、実行中の同期は安全に終えます。ストアに接続できない間は\n"
     "再試行を続けます。自然に解消しない問題が起きると終了します。`mikura status` "
     "で別の場所から状況を\n"
     "確認できます。--json では状態を 1 行ずつ出力します。\n\n"
     "例:\n"
     "  mikura watch\n"
     "  mikura watch --poll 60 --json"},
    {"examples.status",
     "Letters: A added, M modified, D deleted, R renamed, C conflict, G merged, t time only.\n"
     "Ends with 3 while conflicts remain.\n\n"
     "Examples:\n"
     "  mikura status\n"
     "  mikura status --local",
     "記号: A 追加、M 変更、D 削除、R 名前の変更、C 競合、G マージ、t 時刻のみ。\n"
     "競合が残っている間は 3 で終了します。\n\n"
     "例:\n"
     "  mikura status\n"
     "  mikura status --local"},
    {"examples.log",
     "Columns: id, time, author, (+added ~modified -removed), message.\n\n"
     "Examples:\n"
     "  mikura log -n 5\n"
     "  mikura log src/main.cc",
     "列: ID、時刻、作成者、(+追加 ~変更 -削除)、説明。\n\n"
     "例:\n"
     "  mikura log -n 5\n"
     "  mikura log src/main.cc"},
    {"examples.diff",
     "The output is a patch that `git apply` understands. What comes after -- is a path.\n"
     "Letters: A added, M modified, D deleted, R renamed, T of another kind.\n\n"
     "Examples:\n"
     "  mikura diff\n"
     "  mikura diff HEAD~1 HEAD src\n"
     "  mikura diff HEAD~3 --stat -- notes.txt",
     "出力は `git apply` で適用できるパッチです。-- より後はパスとみなします。\n"
     "記号: A 追加、M 変更、D 削除、R 名前の変更、T 種類の変更。\n\n"
     "例:\n"
     "  mikura diff\n"
     "  mikura diff HEAD~1 HEAD src\n"
     "  mikura diff HEAD~3 --stat -- notes.txt"},
    {"examples.show",
     "Examples:\n"
     "  mikura show HEAD\n"
     "  mikura show 5f3a9c21 src",
     "例:\n"
     "  mikura show HEAD\n"
     "  mikura show 5f3a9c21 src"},
    {"examples.cat",
     "Example:\n"
     "  mikura cat HEAD~2 notes.txt > notes.old.txt",
     "例:\n"
     "  mikura cat HEAD~2 notes.txt > notes.old.txt"},
    {"examples.restore",
     "What is replaced or deleted is kept in .mikura/backup. Nothing is published until the next\n"
     "sync.\n\n"
     "Examples:\n"
     "  mikura restore HEAD~1 report.txt\n"
     "  mikura restore 5f3a9c21 --to /tmp/old",
     "置き換えたもの、削除したものは .mikura/backup "
     "に保管します。次の同期まで何も公開しません。\n\n"
     "例:\n"
     "  mikura restore HEAD~1 report.txt\n"
     "  mikura restore 5f3a9c21 --to /tmp/old"},
    {"examples.conflicts",
     "Ends with 3 while conflicts remain.\n\n"
     "Example:\n"
     "  mikura conflicts",
     "競合が残っている間は 3 で終了します。\n\n"
     "例:\n"
     "  mikura conflicts"},
    {"examples.resolve",
     "Another way: edit the file as it should be and delete the copy beside it.\n\n"
     "Examples:\n"
     "  mikura resolve notes.txt --keep-local\n"
     "  mikura resolve --all --take-remote\n"
     "  mikura resolve notes.txt --merge --markers",
     "別の方法: ファイルをあるべき内容に編集し、隣のコピーを削除します。\n\n"
     "例:\n"
     "  mikura resolve notes.txt --keep-local\n"
     "  mikura resolve --all --take-remote\n"
     "  mikura resolve notes.txt --merge --markers"},
    {"examples.key",
     "Example:\n"
     "  mikura key generate ~/mikura.key",
     "例:\n"
     "  mikura key generate ~/mikura.key"},
    {"examples.key_generate",
     "The file is made readable by you alone; one that exists is never overwritten.\n\n"
     "Example:\n"
     "  mikura key generate ~/mikura.key",
     "自分だけが読めるファイルを作ります。既存のファイルは上書きしません。\n\n"
     "例:\n"
     "  mikura key generate ~/mikura.key"},
    {"examples.policy",
     "A reader clones, pulls and verifies. A writer also pushes, but removes nothing. A "
     "maintainer\n"
     "also removes what is not needed any more. On AWS the policy demands conditional writes of\n"
     "what only one writer at a time may replace; other servers do not know those conditions.\n\n"
     "Examples:\n"
     "  mikura policy writer s3://bucket/project > writer.json\n"
     "  mikura policy reader s3://bucket/project --bucket-policy \\\n"
     "      --principal arn:aws:iam::123456789012:role/ci",
     "reader はクローン、取得、検証ができます。writer "
     "はさらに送信ができますが、削除はできません。\n"
     "maintainer はさらに不要になったものを削除できます。AWS では、同時に 1 人だけが置き換えて\n"
     "よいものに条件付き書き込みを要求します。ほかのサーバーはこの条件を知りません。\n\n"
     "例:\n"
     "  mikura policy writer s3://bucket/project > writer.json\n"
     "  mikura policy reader s3://bucket/project --bucket-policy \\\n"
     "      --principal arn:aws:iam::123456789012:role/ci"},
    {"examples.doctor",
     "Writes a few scratch objects to see what the store can do, and removes them.\n\n"
     "Example:\n"
     "  mikura doctor",
     "ストアの機能を確かめるために一時的なオブジェクトをいくつか書き込み、削除します。\n\n"
     "例:\n"
     "  mikura doctor"},
    {"examples.serve",
     "Not for people: an editor starts it and speaks to it as docs/protocol.md says. It asks the\n"
     "editor for the key, and ends when its input ends.\n\n"
     "Example:\n"
     "  mikura serve",
     "人が直接使うものではありません。エディターが起動し、docs/protocol.md の手順で通信します。\n"
     "鍵はエディターに尋ね、入力が終わると終了します。\n\n"
     "例:\n"
     "  mikura serve"},
    {"examples.completion",
     "Examples:\n"
     "  mikura completion bash > ~/.local/share/bash-completion/completions/mikura\n"
     "  mikura completion fish > ~/.config/fish/completions/mikura.fish",
     "例:\n"
     "  mikura completion bash > ~/.local/share/bash-completion/completions/mikura\n"
     "  mikura completion fish > ~/.config/fish/completions/mikura.fish"},
    {"examples.version",
     "Example:\n"
     "  mikura version --json",
     "例:\n"
     "  mikura version --json"},
});

}  // namespace

std::span<const Message> help_messages() {
  return kMessages;
}

}  // namespace mikura

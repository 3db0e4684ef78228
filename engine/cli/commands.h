// The verbs: each adds itself to the parser and, if chosen, sets Invocation::run. One file per group of verbs (cmd_*.cc).
#pragma once

#include <CLI/CLI.hpp>

#include "cli/invocation.h"

namespace mikura {

void add_setup_verbs(CLI::App& app, Invocation& invocation);       // init, link, clone
void add_sync_verbs(CLI::App& app, Invocation& invocation);        // sync, push, pull
void add_status_verb(CLI::App& app, Invocation& invocation);       // status
void add_history_verbs(CLI::App& app, Invocation& invocation);     // log, show, cat
void add_diff_verb(CLI::App& app, Invocation& invocation);         // diff
void add_restore_verb(CLI::App& app, Invocation& invocation);      // restore
void add_conflict_verbs(CLI::App& app, Invocation& invocation);    // conflicts, resolve
void add_key_verb(CLI::App& app, Invocation& invocation);          // key generate
void add_doctor_verb(CLI::App& app, Invocation& invocation);       // doctor
void add_completion_verb(CLI::App& app, Invocation& invocation);   // completion

}  // namespace mikura

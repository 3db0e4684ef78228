#include <cstdio>
#include <memory>

#include "cli/commands.h"

namespace mikura {
namespace {

std::string verbs_of(const CLI::App& app, const char* separator) {
  std::string verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs += (verbs.empty() ? "" : separator) + verb->get_name();
  return verbs;
}

// The long options of a verb, for the shell to offer.
std::string options_of(const CLI::App& verb) {
  std::string options;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) options += (options.empty() ? "--" : " --") + name;
  }
  return options;
}

std::string bash_script(const CLI::App& app) {
  std::string script =
      "_mikura() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} verb= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in -C|--key-file|--key-fd|--key-command|--profile|--region|--endpoint) ((i++));; -*) ;; *) verb=${COMP_WORDS[i]}; break;; esac\n"
      "  done\n"
      "  case $verb in\n";
  for (const CLI::App* verb : app.get_subcommands({})) {
    script += "    " + verb->get_name() + ") COMPREPLY=($(compgen -W '" + options_of(*verb) + " " + verbs_of(*verb, " ") + "' -- \"$word\"));;\n";
  }
  script += "    *) COMPREPLY=($(compgen -W '" + verbs_of(app, " ") + " " + options_of(app) + "' -- \"$word\"));;\n";
  script +=
      "  esac\n"
      "  [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
      "}\n"
      "complete -o filenames -F _mikura mikura\n";
  return script;
}

std::string zsh_script(const CLI::App& app) {
  return "#compdef mikura\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

std::string fish_script(const CLI::App& app) {
  std::string script = "complete -c mikura -n __fish_use_subcommand -f -a '" + verbs_of(app, " ") + "'\n";
  for (const CLI::App* verb : app.get_subcommands({})) {
    for (const CLI::Option* option : verb->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += "complete -c mikura -n '__fish_seen_subcommand_from " + verb->get_name() + "' -l " + name + "\n";
      }
    }
  }
  return script;
}

}  // namespace

void add_completion_verb(CLI::App& app, Invocation& invocation) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* const verb = app.add_subcommand("completion", "Print a completion script for a shell");
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->footer("Example:\n  mikura completion bash > ~/.local/share/bash-completion/completions/mikura");
  verb->callback([&app, &invocation, shell] {
    invocation.run = [&app, shell]() -> Result<Exit> {
      const std::string script = *shell == "bash" ? bash_script(app) : *shell == "zsh" ? zsh_script(app) : fish_script(app);
      std::fputs(script.c_str(), stdout);
      return Exit::done;
    };
  });
}

}  // namespace mikura

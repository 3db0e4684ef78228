#include "cli/parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/messages.h"
#include "cli/suggestion.h"
#include "cli/text.h"

namespace mikura {
namespace {

void add_global_options(CLI::App& app, GlobalOptions& global) {
  const std::string group = tr("help.global_options");
  const auto option = [&](const char* names, auto& value, const char* text, const char* shown) {
    return app.add_option(names, value, tr(text))->option_text(shown)->group(group);
  };
  const auto flag = [&](const char* names, bool& value, const char* text) {
    app.add_flag(names, value, tr(text))->group(group);
  };
  option("-C", global.folder, "option.folder", "DIR");
  option("--key-file", global.key.file, "option.key_file", "FILE");
  option("--key-fd", global.key.fd, "option.key_fd", "N")->check(CLI::NonNegativeNumber);
  option("--key-command", global.key.command, "option.key_command", "COMMAND");
  flag("--json", global.json, "option.json");
  flag("-q,--quiet", global.quiet, "option.quiet");
  flag("-v,--verbose", global.verbose, "option.verbose");
  flag("--no-progress", global.no_progress, "option.no_progress");
  option("--profile", global.profile, "option.profile", "NAME");
  option("--region", global.region, "option.region", "NAME");
  option("--endpoint", global.endpoint, "option.endpoint", "URL");
}

std::shared_ptr<CLI::Formatter> make_formatter() {
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("Usage", tr("help.usage"));
  formatter->label("OPTIONS", tr("help.usage_options"));
  formatter->label("SUBCOMMAND", tr("help.usage_verb"));
  formatter->label("Positionals", tr("help.arguments"));
  return formatter;
}

VerbDescription describe_app(const CLI::App& app) {
  VerbDescription description{app.get_name(), app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    OptionDescription described{
        {}, option->get_items_expected_max() != 0, option->get_description()};
    for (const std::string& name : option->get_snames())
      described.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames())
      described.names.push_back("--" + name);
    if (!described.names.empty()) description.options.push_back(std::move(described));
  }
  for (const CLI::App* verb : app.get_subcommands({})) {
    description.verbs.push_back(describe_app(*verb));
  }
  return description;
}

// The parser's own words speak of subcommands.
bool is_missing_verb(const CLI::ParseError& error) {
  return error.get_name() == "RequiredError" &&
         std::string_view(error.what()).starts_with("A subcommand");
}

// One empty line is enough.
std::string tidied(std::string text) {
  for (std::size_t at = 0; (at = text.find("\n\n\n")) != std::string::npos;)
    text.erase(at, 1);
  return text;
}

// The library ends a verb at "--" once its arguments have one value. So the mark is taken out, and
// a name behind it that looks like an option is written as the path that it is.
std::vector<std::string> for_the_library(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool only_names = false;
  for (const std::string& word : words) {
    if (!only_names && word == "--") {
      only_names = true;
      continue;
    }
    out.push_back(only_names && word.starts_with('-') ? "./" + word : word);
  }
  std::reverse(out.begin(), out.end());  // it wants the last word first
  return out;
}

std::string id_of(std::string_view name) {
  std::string id(name);
  for (char& c : id)
    c = c == ' ' ? '_' : c;
  return id;
}

}  // namespace

Parser::Parser(GlobalOptions& global) : app_(std::make_unique<CLI::App>()) {
  app_->name("mikura");
  app_->description(tr("help.description"));
  app_->footer(tr("help.footer"));
  app_->formatter(make_formatter());
  app_->option_defaults()->group(tr("help.options"));
  app_->set_help_flag("-h,--help", tr("option.help"));
  app_->set_version_flag("--version", "mikura " MIKURA_VERSION, tr("option.version_flag"));
  app_->require_subcommand(1);
  // Global options may also be written after the verb.
  app_->fallthrough();
  add_global_options(*app_, global);
}

Parser::~Parser() = default;

CLI::App& Parser::add_app(CLI::App& parent, const std::string& name, const std::string& id,
                          std::string_view group) {
  CLI::App& app = *parent.add_subcommand(name, tr("verb." + id));
  app.group(tr(group));
  app.footer(tr("examples." + id));
  // It was made before the defaults of the parent reached the verb.
  app.get_help_ptr()->group(tr("help.options"));
  return app;
}

Verb Parser::add(std::string_view name, std::string_view group, VerbAction action) {
  CLI::App* parent = app_.get();
  const std::size_t space = name.find(' ');
  std::string word(name);
  if (space != std::string_view::npos) {
    const std::string outer(name.substr(0, space));
    word = name.substr(space + 1);
    const auto named = [&](const CLI::App* verb) { return verb->get_name() == outer; };
    const std::vector<CLI::App*> there = app_->get_subcommands(named);
    if (!there.empty()) {
      parent = there.front();
    } else {
      parent = &add_app(*app_, outer, outer, group);
      parent->require_subcommand(1);
    }
    group = "help.verbs";
  }
  CLI::App& app = add_app(*parent, word, id_of(name), group);
  app.callback([this, chosen = std::move(action)] { chosen_ = chosen; });
  return Verb(app);
}

Parsed Parser::parse(const std::vector<std::string>& words) {
  const auto usage_error = [](std::string what, std::string hint) {
    return Parsed{Parsed::Kind::usage_error, {}, std::move(what), std::move(hint)};
  };
  const FoundVerb found = find_verb(describe(), words);
  if (!found.word.empty() && !found.is_verb) {
    return usage_error(
        tr("usage.unknown_verb", shown_name(found.word)),
        found.nearest.empty() ? tr("usage.help") : tr("usage.did_you_mean", found.nearest));
  }
  try {
    app_->parse(for_the_library(words));
  } catch (const CLI::CallForHelp&) {
    return {Parsed::Kind::print, {}, tidied(app_->help()), {}};  // of the verb, if one was named
  } catch (const CLI::CallForVersion&) {
    return {Parsed::Kind::print, {}, "mikura " MIKURA_VERSION "\n", {}};
  } catch (const CLI::ParseError& error) {
    const std::string hint =
        found.word.empty() ? tr("usage.help") : tr("usage.verb_help", found.word);
    return usage_error(is_missing_verb(error) ? tr("usage.no_verb") : error.what(), hint);
  }
  return {Parsed::Kind::run, chosen_, {}, {}};
}

VerbDescription Parser::describe() const {
  return describe_app(*app_);
}

}  // namespace mikura

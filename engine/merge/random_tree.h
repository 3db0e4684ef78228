// Random trees for the properties of merge/: a tree is what a list of edits makes of another one.
//
// Two sides made from one tree by two lists of edits meet on the same paths, as people do;
// independent random trees never would. Edits shrink well: dropping any of them leaves a valid
// list.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "format/entry.h"

namespace mikura {

// By path; every entry's folders are in it.
using Tree = std::map<std::string, Entry>;

struct Edit {
  enum class Kind { write, link, make_folder, remove, change_mode, touch, move };
  Kind kind = Kind::write;
  std::string path;
  std::string to;  // of a move
  int number = 0;  // becomes the content, the target, the mode or the time
};
std::ostream& operator<<(std::ostream& out, const Edit& edit);
using Edits = std::vector<Edit>;

// Does what a person could: whatever is in the way of a new file or folder is gone afterwards.
void apply_edit(Tree& tree, const Edit& edit);
Tree edited(Tree tree, const Edits& edits);

// Puts an entry there, with folders above it.
void put_entry(Tree& tree, const Entry& entry);
void remove_subtree(Tree& tree, const std::string& path);
Tree subtree_of(const Tree& tree, const std::string& path);

std::vector<Entry> entries_of(const Tree& tree);
Tree tree_of(const std::vector<Entry>& entries);
// Equal but for modification times.
bool same_trees(const Tree& a, const Tree& b);

// Few paths, so that edits meet; with names that sort between a folder and its content.
rc::Gen<std::string> random_path();
rc::Gen<Edits> random_edits(std::size_t most);

}  // namespace mikura

"""THE table of layers: who may include whom. docs/architecture.md explains it; this file decides.

Folders of engine/ stand bottom to top. Each may include itself and what is listed, which must stand above it here.
"""

LAYERS = {
    "base": [],
    "crypto": ["base"],
    "format": ["base", "crypto"],
    "merge": ["base", "crypto", "format"],
    "net": ["base", "crypto"],
    "store": ["base", "crypto", "net"],
    "vault": ["base", "crypto", "format", "store"],
    # The working tree and the repository do not know each other; sync joins them.
    "local": ["base", "crypto", "format"],
    "sync": ["base", "crypto", "format", "merge", "store", "vault", "local"],
    "session": ["base", "crypto", "format", "merge", "store", "vault", "local", "sync", "net"],
    # What the front ends have in common: the shapes of JSON, the text of a key.
    "wire": ["base", "crypto", "format", "merge", "sync", "session"],
    # The engine for editors: JSON-RPC over pipes.
    "server": ["base", "crypto", "format", "merge", "sync", "session", "wire"],
    # A front end sees the façade and the plain values that it takes and gives; never a vault, a store or a working tree.
    "cli": ["base", "crypto", "format", "merge", "sync", "session", "store", "wire", "server"],
}
# Fakes and helpers for tests: may include anything, and only tests may include them.
TESTING = "testing"

# Third-party headers, by their beginning, and the folders that may include them.
THIRD_PARTY = {
    "openssl/": ["crypto"],
    "sodium": ["crypto"],
    "zstd": ["format"],
    "curl/": ["net"],
    "pugixml": ["net"],
    "sqlite3": ["local"],
    "spdlog/": ["base"],
    "CLI/": ["cli"],
    "nlohmann/": ["net", "wire", "server", "cli"],
    "fmt/": list(LAYERS),
}
# For tests and test helpers only.
TEST_LIBRARIES = ["gtest/", "gmock/", "rapidcheck"]

# The operating system's headers that are not the C++ library's (those have no slash and no ".h").
SYSTEM = [
    "sys/", "netinet/", "arpa/", "linux/", "net/if",
    "dirent.h", "endian.h", "fcntl.h", "grp.h", "netdb.h", "poll.h", "pthread.h", "pwd.h", "sched.h", "signal.h", "spawn.h",
    "stdio.h", "stdio_ext.h", "strings.h", "syslog.h", "termios.h", "unistd.h",
]

# CMake targets of third-party libraries, for comparison with PRIVATE_DEPENDS and DEPENDS.
THIRD_PARTY_TARGETS = {
    "OpenSSL::": "openssl/", "PkgConfig::sodium": "sodium", "PkgConfig::zstd": "zstd", "CURL::": "curl/", "pugixml::": "pugixml",
    "SQLite::": "sqlite3", "spdlog::": "spdlog/", "CLI11::": "CLI/", "nlohmann_json::": "nlohmann/", "fmt::": "fmt/",
}

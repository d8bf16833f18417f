"""Each check of this folder fires on a bad input and is quiet on a good one.

usage: self_test.py COMPILER
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_client
import check_files
import check_includes
import check_link
import check_symbols
import layers

COMPILER = "c++"
TABLE = layers.read()


class Client(unittest.TestCase):
    GOOD = (" 0x1 (NEEDED) Shared library: [libstdc++.so.6]\n"
            " 0x1 (SONAME) Library soname: [libcoppice.so.0]\n")

    def found(self, dynamic, *symbols):
        return list(check_client.problems_of(dynamic, symbols))

    def test_a_library_that_a_daemon_can_carry_is_quiet(self):
        self.assertEqual(self.found(self.GOOD, "coppice::client::Client::run()",
                                    "std::vector<int>::~vector()", "vtable for std::thread"), [])

    def test_what_it_would_bring_along_is_found(self):
        for name in ("libzmq.so.5", "libsqlite3.so.0", "libboost_system.so.1", "libssl.so.3"):
            dynamic = self.GOOD + f" 0x1 (NEEDED) Shared library: [{name}]\n"
            self.assertEqual(len(self.found(dynamic)), 1, name)

    def test_names_that_are_not_its_own_are_found(self):
        for symbol in ("nlohmann::detail::parse()", "coppice::Loop::turn()", "main"):
            self.assertEqual(len(self.found(self.GOOD, symbol)), 1, symbol)

    def test_a_name_without_a_number_is_found(self):
        self.assertEqual(len(self.found(self.GOOD.replace("coppice.so.0", "coppice.so"))), 1)


class Includes(unittest.TestCase):
    def found(self, place, text):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, place)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return check_includes.problems(pathlib.Path(directory), TABLE)

    def test_what_the_table_allows_is_quiet(self):
        self.assertEqual(self.found("leaf/leaf.cpp", '#include "leaf/leaf.h"\n#include <vector>\n'
                                    '#include <chrono>\n#include "common/node.h"\n'), [])
        self.assertEqual(self.found("runtime/a.cpp", "#include <zmq.hpp>\n#include <thread>\n"), [])
        self.assertEqual(self.found("common/host_set.cpp", "#include <roaring/roaring.h>\n"), [])
        self.assertEqual(self.found("manager/main.cpp", '#include "runtime/loop.h"\n'), [])

    def test_a_folder_that_is_not_in_the_row_is_found(self):
        for place, include in [("common/a.h", "leaf/leaf.h"), ("leaf/a.h", "branch/branch.h"),
                               ("manager/a.cpp", "agent/agent.h"), ("agent/a.cpp", "runtime/loop.h"),
                               ("runtime/a.cpp", "manager/manager.h"), ("schemas/a.cpp", "runtime/log.h"),
                               ("simulator/a.cpp", "runtime/loop.h"), ("cli/a.cpp", "manager/views.h")]:
            self.assertEqual(len(self.found(place, f'#include "{include}"\n')), 1, place)

    def test_a_folder_within_a_folder_may_have_a_row_of_its_own(self):
        self.assertEqual(self.found("simulator/commands/a.cpp", '#include "simulator/fleet.h"\n'
                                    '#include "runtime/command_line.h"\n#include <nlohmann/json.hpp>\n'), [])
        self.assertEqual(len(self.found("simulator/a.cpp", '#include "simulator/commands/a.h"\n')), 1)
        self.assertEqual(len(self.found("simulator/commands/a.cpp", '#include "api/api.h"\n')), 1)

    def test_the_world_is_found_in_pure_folders(self):
        for header in ["thread", "mutex", "fstream", "filesystem", "iostream", "random", "ctime",
                       "sys/socket.h", "unistd.h", "zmq.hpp", "roaring/roaring.h", "time.h", "cstdlib"]:
            self.assertEqual(len(self.found("branch/a.cpp", f"#include <{header}>\n")), 1, header)

    def test_a_foreign_library_is_found(self):
        self.assertEqual(len(self.found("schemas/a.cpp", "#include <zmq.hpp>\n")), 1)
        self.assertEqual(len(self.found("simulator/a.cpp", "# include <nlohmann/json.hpp>\n")), 1)

    def test_an_include_without_its_folder_is_found(self):
        self.assertEqual(len(self.found("leaf/a.cpp", '#include "leaf.h"\n')), 1)


class Archive:
    """An archive of one object, made of the given source."""

    def __init__(self, source, name="bad.cpp"):
        self.directory = tempfile.TemporaryDirectory()
        self.path = str(pathlib.Path(self.directory.name, "lib.a"))
        pathlib.Path(self.directory.name, name).write_text(source)
        subprocess.run([COMPILER, "-std=c++20", "-O1", "-c", name, "-o", name + ".o"],
                       cwd=self.directory.name, check=True)
        subprocess.run(["ar", "rcs", "lib.a", name + ".o"], cwd=self.directory.name, check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.directory.cleanup()


class Symbols(unittest.TestCase):
    def found(self, source, folder="leaf", name="bad.cpp"):
        with Archive(source, name) as archive:
            return check_symbols.problems([(folder, archive.path)], TABLE)

    def test_computing_is_quiet(self):
        self.assertEqual(self.found("#include <map>\n#include <string>\n"
                                    "std::map<int, std::string> f() { return {{1, std::to_string(2)}}; }"), [])

    def test_the_world_is_found(self):
        for headers, call in [
                ("chrono", "std::chrono::steady_clock::now()"), ("chrono", "std::chrono::system_clock::now()"),
                ("time.h", "clock_gettime(0, 0)"), ("ctime", "std::time(nullptr)"),
                ("thread", "std::thread([] {}).detach()"), ("pthread.h", "pthread_create(0, 0, 0, 0)"),
                ("mutex", "(new std::mutex)->lock()"), ("sys/socket.h", "socket(1, 2, 3)"),
                ("fcntl.h", 'open("a", 0)'), ("cstdio", 'std::fopen("a", "r")'), ("cstdio", 'std::puts("a")'),
                ("fstream", 'std::ofstream("a").put(1)'), ("iostream", "std::cout << 1"),
                ("filesystem", 'std::filesystem::remove("a")'), ("cstdlib", 'std::getenv("A")'),
                ("random", "std::random_device{}()"), ("cstdlib", "std::rand()"),
                ("cstdlib", "std::abort()")]:
            self.assertNotEqual(self.found(f"#include <{headers}>\nvoid f() {{ (void)({call}); }}"), [], call)

    def test_a_library_is_found(self):
        for function in ["zmq_ctx_new", "sqlite3_open", "roaring_bitmap_create", "sodium_init"]:
            source = f'extern "C" void {function}(); void f() {{ {function}(); }}'
            self.assertEqual(len(self.found(source)), 1, function)

    def test_one_file_may_use_what_the_table_gives_it(self):
        bitmap = 'extern "C" void roaring_bitmap_create(); void f() { roaring_bitmap_create(); }'
        self.assertEqual(self.found(bitmap, "common", "host_set.cpp"), [])
        self.assertNotEqual(self.found(bitmap, "common", "other.cpp"), [])


class Link(unittest.TestCase):
    def found(self, source):
        with Archive(source) as bad, Archive("namespace coppice { void helper() {} }") as common:
            archives = {"leaf": bad.path, "common": common.path}
            return check_link.problems("leaf", COMPILER, [], archives, TABLE)

    def test_what_the_folder_may_include_is_quiet(self):
        self.assertEqual(self.found("namespace coppice { void helper(); void f() { helper(); } }"), [])

    def test_a_function_of_another_folder_is_found(self):
        self.assertEqual(len(self.found("namespace coppice { void run(); void f() { run(); } }")), 1)

    def test_a_library_is_found(self):
        self.assertEqual(len(self.found('extern "C" void zmq_ctx_new(); void f() { zmq_ctx_new(); }')), 1)


class Files(unittest.TestCase):
    def found(self, place, text):
        return list(check_files.problems_of(pathlib.Path(place), text))

    def test_a_tidy_file_is_quiet(self):
        self.assertEqual(self.found("leaf/leaf.h", "#pragma once\n// A leaf.\n"), [])
        self.assertEqual(self.found("leaf/leaf.cpp", '#include "leaf/leaf.h"\n'), [])
        self.assertEqual(self.found("docs/a.md", "[`Root`](../root/root.h)\n"), [])
        self.assertEqual(self.found("tests/a_test.cpp", "// A.\nwhile (!done())\n    sleep_for(step);\n"), [])

    def test_a_long_file_is_found(self):
        self.assertEqual(self.found("leaf/a.cpp", "// A.\n" + "\n" * 399), [])
        self.assertEqual(len(self.found("leaf/a.cpp", "// A.\n" + "\n" * 400)), 1)

    def test_a_missing_first_line_is_found(self):
        for place, text in [("leaf/a.h", "// A.\n"), ("leaf/a.h", "#pragma once\n#include <map>\n"),
                            ("leaf/a.cpp", "#include <map>\n"), ("leaf/main.cpp", "int main() {}\n"),
                            ("leaf/a.cpp", '#include "leaf/b.h"\n'), ("tests/a.py", "import os\n")]:
            self.assertEqual(len(self.found(place, text)), 1, place)

    def test_what_is_left_over_is_found(self):
        for line in ["// TODO: more", "int a;  // FIXME"]:
            self.assertEqual(len(self.found("leaf/a.cpp", f"// A.\n{line}\n")), 1, line)

    def test_a_path_of_one_machine_is_found(self):
        for line in ["see ../shared/a", "cd /work/main", '"/home/me/a"', "(/root/a)"]:
            self.assertEqual(len(self.found("docs/a.md", line + "\n")), 1, line)

    def test_a_sleep_for_luck_is_found(self):
        for line in ["std::this_thread::sleep_for(1s);", "time.sleep(1)", "usleep(5);"]:
            self.assertEqual(len(self.found("tests/a_test.cpp", f"// A.\n{line}\n")), 1, line)


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()

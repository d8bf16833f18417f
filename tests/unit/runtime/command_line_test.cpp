// Options from flags and files, and durations as people write them.

#include "runtime/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

ProgramSpec example() {
    return {.program = "example",
            .usage = "TOPIC FILE [--wait DURATION]",
            .summary = "Shows options.",
            .options = {{.name = "wait", .value_name = "DURATION", .help = "How long."},
                        {.name = "fanout",
                         .value_name = "NUMBER",
                         .default_value = "32",
                         .help = "Children of a host."},
                        {.name = "label",
                         .value_name = "KEY=VALUE",
                         .help = "A label.",
                         .is_repeatable = true},
                        {.name = "json", .help = "For machines."},
                        {.name = "config",
                         .value_name = "FILE",
                         .help = "Read options from here.",
                         .is_in_file = false}},
            .positionals = {"TOPIC", "FILE"}};
}

/// A file with `content`, in a directory that lasts as long as the test program.
std::string file_with(const std::string& content) {
    static const TemporaryDirectory directory;
    const std::string path = directory.path() / "example.ini";
    std::ofstream{path} << content;
    return path;
}

TEST(Durations, AreANumberAndAUnit) {
    EXPECT_EQ(*parse_duration("200ms"), milliseconds{200});
    EXPECT_EQ(*parse_duration("10s"), seconds{10});
    EXPECT_EQ(*parse_duration("0.5s"), milliseconds{500});
    EXPECT_EQ(*parse_duration("5m"), minutes{5});
    EXPECT_EQ(*parse_duration("2h"), hours{2});
    EXPECT_EQ(*parse_duration("1d"), hours{24});
}

TEST(Durations, OfAnotherFormAreRefusedWithTheText) {
    for (const char* text : {"", "10", "s", "-1s", "1.2.3s", "10 s", "10sec", "1e3s", ".s"}) {
        const Result<Duration> parsed = parse_duration(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_THAT(parsed.error().message, HasSubstr(std::string{"\""} + text + "\""));
    }
    EXPECT_FALSE(parse_duration("99999999999999d").ok());
}

TEST(Durations, ArePrintedInTheLargestWholeUnit) {
    EXPECT_EQ(duration_text(milliseconds{1500}), "1500ms");
    EXPECT_EQ(duration_text(seconds{90}), "90s");
    EXPECT_EQ(duration_text(minutes{120}), "2h");
    EXPECT_EQ(duration_text(hours{48}), "2d");
    EXPECT_EQ(duration_text(Duration::zero()), "0s");
}

TEST(CommandLine, TakesFlagsAndArgumentsInAnyOrder) {
    const auto options = parse_options(
        example(), {"zone/config", "--wait", "30s", "-", "--label=a=1", "--label", "b=2"});
    ASSERT_TRUE(options.ok()) << options.error().message;
    EXPECT_EQ(options->text("TOPIC"), "zone/config");
    EXPECT_EQ(options->text("FILE"), "-");
    EXPECT_EQ(*options->duration("wait"), seconds{30});
    EXPECT_EQ(*options->number("fanout"), 32U);
    EXPECT_FALSE(options->is_set("fanout"));
    EXPECT_FALSE(options->is_set("json"));
    EXPECT_THAT(options->all("label"), ElementsAre("a=1", "b=2"));
}

TEST(CommandLine, FlagsWinOverTheFile) {
    const std::string path = file_with("fanout = 8\nwait = 5s\njson = true\n");
    const auto options = parse_options(example(), {"t", "f", "--config", path, "--fanout", "16"});
    ASSERT_TRUE(options.ok()) << options.error().message;
    EXPECT_EQ(options->text("fanout"), "16");
    EXPECT_EQ(options->text("wait"), "5s");
    EXPECT_TRUE(options->is_set("json"));
}

TEST(CommandLine, PrintsAFileThatGivesTheSameValues) {
    const auto options = parse_options(
        example(), {"t", "f", "--wait", "7s", "--label", "a=1", "--label", "b=2", "--json"});
    const std::string text = config_text(example(), *options);
    EXPECT_THAT(text, HasSubstr("# How long.\nwait = 7s\n"));
    const auto again = parse_options(example(), {"t", "f", "--config", file_with(text)});
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(config_text(example(), *again), text);
}

TEST(CommandLine, AValueThatAFileCannotGiveIsACommentInIt) {
    for (const char* value : {"a=#1", "a=1\nb=2", " a=1", "a=1 "}) {
        const auto options = parse_options(example(), {"t", "f", "--label", value, "--wait", "7s"});
        const std::string text = config_text(example(), *options);
        EXPECT_THAT(text, HasSubstr("# label: a value with #, a line break")) << value;
        const auto again = parse_options(example(), {"t", "f", "--config", file_with(text)});
        ASSERT_TRUE(again.ok()) << again.error().message;
        EXPECT_EQ(again->text("wait"), "7s");
        EXPECT_TRUE(again->all("label").empty());
    }
}

std::string mistake_of(const std::vector<std::string>& arguments) {
    const auto options = parse_options(example(), arguments);
    return options.ok() ? "no mistake" : options.error().message;
}

TEST(CommandLine, SaysWhatIsWrongAndWhatIsRight) {
    EXPECT_EQ(mistake_of({"t", "f", "--wat", "1s"}),
              "there is no option --wat; example --help lists the options");
    EXPECT_EQ(mistake_of({"t", "f", "--wait"}), "--wait needs a value: DURATION");
    EXPECT_EQ(mistake_of({"t", "f", "--json=yes"}), "--json takes no value");
    EXPECT_EQ(mistake_of({"t"}), "FILE is missing; usage: example TOPIC FILE [--wait DURATION]");
    EXPECT_EQ(mistake_of({"t", "f", "g"}),
              "\"g\" is one argument too many; usage: example TOPIC FILE [--wait DURATION]");
    EXPECT_EQ(mistake_of({"t", "f", "--wait", "1s", "--wait", "2s"}), "--wait is given twice");
    EXPECT_EQ(mistake_of({"t", "f", "--fan", "2"}),
              "there is no option --fan; example --help lists the options");
}

TEST(CommandLine, RefusesUnknownNamesInTheFileWithLineAndNearestName) {
    const std::string path = file_with("# a file\nwait = 5s  # so long\n\n fanuot = 8\n");
    EXPECT_EQ(mistake_of({"t", "f", "--config", path}),
              path +
                  ":4: there is no setting \"fanuot\"; did you mean \"fanout\"? "
                  "example --print-config lists them");
}

TEST(CommandLine, RefusesLinesOfTheFileThatAreNoSettings) {
    const std::string path = file_with("fanout = 8\n[wait]\n");
    EXPECT_EQ(mistake_of({"t", "f", "--config", path}),
              path + ":2: \"[wait]\" is no setting; write name = value");
}

TEST(CommandLine, SaysWhichFileItCannotRead) {
    for (const char* path : {"/nonexistent/x.ini", "/proc"})
        EXPECT_EQ(mistake_of({"t", "f", "--config", path}),
                  std::string{"cannot read the configuration file "} + path +
                      "; name a file that this user may read");
}

// The library replaces its placeholders for ever when one of them is in what it quotes.
TEST(CommandLine, PlaceholdersOfTheLibraryAreWordsLikeOthers) {
    for (const char* word : {"%option%", "%original_token%", "%value%", "%invalid_line%"}) {
        EXPECT_THAT(mistake_of({std::string{"-"} + word}), HasSubstr("option"));
        EXPECT_THAT(mistake_of({std::string{"--wat"} + word}), HasSubstr("option"));
        EXPECT_THAT(mistake_of({std::string{"--json="} + word}), HasSubstr("--json"));
        EXPECT_THAT(mistake_of({"t", "f", "--config", file_with(word)}), HasSubstr("no setting"));
    }
    EXPECT_THAT(mistake_of({"-\xd7manager %original_token%t=9"}), HasSubstr("option"));
}

TEST(CommandLine, NamesTheOptionWhoseValueIsWrong) {
    const auto options = parse_options(example(), {"t", "f", "--wait", "soon", "--fanout", "3x"});
    EXPECT_THAT(options->duration("wait").error().message, HasSubstr("--wait: \"soon\" is not"));
    EXPECT_EQ(options->number("fanout").error().message, "--fanout: \"3x\" is not a whole number");
}

TEST(CommandLine, HelpShowsEveryOptionWithItsDefault) {
    const std::string help = help_text(example());
    EXPECT_THAT(help, HasSubstr("usage: example TOPIC FILE"));
    EXPECT_THAT(help, HasSubstr("--fanout NUMBER"));
    EXPECT_THAT(help, HasSubstr("(default 32)"));
}

TEST(CommandLine, AFileMayHoldTheOptionsOfTheProgramThatItIsWrittenFor) {
    ProgramSpec program = example();
    program.positionals = {};
    program.file_options = {{.name = "dir", .value_name = "FOLDER", .help = "Of another."}};
    const std::string file = file_with("fanout = 8\ndir = /tmp\n");
    const Result<Options> options = parse_options(program, {"--config", file});
    ASSERT_TRUE(options.ok()) << options.error().message;
    EXPECT_EQ(options->text("fanout"), "8");
    EXPECT_EQ(options->text("dir"), "/tmp");
    EXPECT_EQ(parse_options(program, {"--config", file, "--fanout=9"})->text("fanout"), "9");
    EXPECT_FALSE(parse_options(program, {"--dir", "/tmp"}).ok()) << "it is not a flag";
}

TEST(CommandLine, EveryDaemonAnswersForHelpVersionAndItsFile) {
    ProgramSpec program = example();
    program.positionals = {};
    for (OptionSpec& option : standard_options()) program.options.push_back(option);
    const auto answer = [&program](const std::vector<std::string>& arguments) {
        return standard_answer(program, *parse_options(program, arguments));
    };
    EXPECT_EQ(answer({"--wait", "1s"}), std::nullopt);
    EXPECT_THAT(*answer({"--help"}), HasSubstr("usage: example"));
    EXPECT_THAT(*answer({"--version"}), testing::StartsWith("example "));
    EXPECT_THAT(*answer({"--print-config", "--fanout=7"}), HasSubstr("fanout = 7"));
}

}  // namespace
}  // namespace coppice

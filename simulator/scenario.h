#pragma once
// Stories of fleets as text files whose whole trace is the expected result.
//
// A file has comments (# ...), empty lines and blocks. A block is some commands, a line "----", and
// the output of the commands up to an empty line or the end of the file:
//
//   hosts N fanout K [racks R] [seed S] [loss P] [without HOSTS]
//                        makes a fleet and starts all but HOSTS; R racks get equal parts of it
//   run TIME             lets time pass and tells what changes
//   settle TIME          run until the fleet is at rest, at most so long
//   trace TIME           run, with every input of every node
//   start|crash|stop|pause|resume|unplug|plug HOST       "root" is the root, "manager" the manager
//   power_off|power_on HOST                              a crash of which the network tells nothing
//   cut|heal HOST HOST   one way
//   refuse HOST TOPIC REASON
//   push TOPIC TEXT [where SELECTOR]
//   query QUESTION       docs/questions.md has the language
//   reducer HOST works|throws|talks_too_much|is_late|hangs|is_absent     what its daemon does from
//                        now on; it adds up what reduce(hits) and reduce(bulk) ask for
//   drain|undrain HOST
//   tree, receipts       prints them as the manager has them
//   losses               the events that tell of lost hosts
//   history HOST         what the manager's store says that it was, from when to when
//   check                prints what is broken in a fleet at rest
//   idle TIME            lets time pass and prints how often stores were written
//
// Times are like 500ms or 10s, up to a million of either; HOSTS is a bracketed list. Fleets have up
// to a million hosts, fan-outs 2 to 2048; P is up to 90 percent.

#include <string>

namespace coppice {

/// The same text with the output that its commands have now.
[[nodiscard]] std::string run_scenario(const std::string& text);

}  // namespace coppice

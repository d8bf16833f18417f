"""Series of a real fleet: asked again and again, kept, drawn, told to Prometheus."""
import subprocess
import urllib.request

from support import PROGRAMS, FleetTest, main

RACKS = {"n001": "r1", "n002": "r1", "n003": "r1", "n004": "r2", "n005": "r2"}


class Series(FleetTest):
    def start_racks(self):
        for name, rack in RACKS.items():
            self.fleet.start_agent(name, "--label", f"rack={rack}")
        self.wait("all hosts", 60, lambda: self.fleet.live() == len(RACKS))

    def windows(self):
        return self.fleet.coppice("series", "show", "racks", code=None)["windows"]

    def newest(self):
        windows = self.windows()
        return windows[-1]["coverage"]["included"] if windows else 0

    def add(self):
        made = self.fleet.coppice("series", "add", "racks", "count(), avg(mem_used) by rack", "--every", "1s")
        self.assertEqual((made["every_ms"], made["by"]), (1000, ["rack"]))
        self.wait("a whole window", 30, lambda: self.newest() == 5)

    def test_what_windows_gave_is_kept_and_follows_the_fleet(self):
        self.start_racks()
        self.add()
        window = self.windows()[-1]
        self.assertEqual([(group["key"], group["hosts"], group["values"][0]) for group in window["groups"]],
                         [({"rack": "r1"}, 3, 3), ({"rack": "r2"}, 2, 2)])
        leaf = next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")
        self.fleet.kill(leaf)
        self.wait("a window without it", 30, lambda: self.newest() == 4)
        kept = len(self.windows())
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.wait("windows of the next run", 60, lambda: len(self.windows()) > kept and self.newest() == 4)
        times = [window["at"] for window in self.windows()]
        self.assertEqual(times, sorted(set(times)))

    def test_prometheus_is_told(self):
        self.start_racks()
        self.add()

        def told():
            with urllib.request.urlopen(f"http://{self.fleet.api}/metrics", timeout=10) as answer:
                return answer.read().decode()
        self.wait("the metrics", 10, lambda: "coppice_series_value" in told())
        text = told()
        for line in ('coppice_series_value{series="racks",of="count()",rack="r1"} 3.0',
                     'coppice_series_hosts{series="racks",rack="r2"} 2.0',
                     'coppice_series_missing_hosts{series="racks"} 0.0'):
            self.assertIn(line, text)

    def test_people_see_curves(self):
        self.start_racks()
        self.add()
        text = self.run_plainly("series", "show", "racks").stdout
        for part in ("rack=r1", "avg(mem_used)", "iB", "▁", "5 of 5 hosts inside"):
            self.assertIn(part, text)
        self.assertIn("count(), avg(mem_used) by rack", self.run_plainly("series", "list").stdout)
        self.assertIn("hosts", [one["name"] for one in self.fleet.coppice("series", "list")])
        top = self.run_plainly("top", "--once", "--by", "rack").stdout
        for part in ("rack=r1", "memory", "5 of 5 hosts inside"):
            self.assertIn(part, top)
        own = self.fleet.coppice("top", "--once", "--of", "count(), max(uptime)", "--where", "rack=r2")
        self.assertEqual(own["values"][0], 2)

    def test_top_goes_on_until_it_is_ended(self):
        self.start_racks()
        command = [PROGRAMS / "coppice", "top", "--every", "200ms", "--json", "--manager", f"http://{self.fleet.api}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as top:
            try:
                looks = [top.stdout.readline() for _ in range(3)]
            finally:
                top.kill()
        self.assertTrue(all('"coverage"' in look for look in looks))

    def test_mistakes_are_told(self):
        self.start_racks()
        for words, sentence in [(("add", "a", "avg(load1"), "character 10"),
                                (("add", "a", "hist(load1)"), "is no number"),
                                (("add", "a", "count()", "--every", "10ms"), "every 1 s to 86400 s"),
                                (("add", "hosts", "count()"), "already"),
                                (("show", "none"), "there is no series \"none\""),
                                (("remove", "none"), "there is no series \"none\"")]:
            self.assertIn(sentence, self.refusal(1, "series", *words))
        self.assertIn("ten times a second", self.refusal(2, "top", "--every", "1ms"))
        self.fleet.coppice("series", "remove", "hosts")
        self.assertEqual(self.fleet.coppice("series", "list"), [])


if __name__ == "__main__":
    main()

"""The doctor on the machine of a manager and of a host."""
import os
import socket

from support import FleetTest, main


class Doctor(FleetTest):
    def examine(self, folder, code):
        """The checks by name; their fields are a promise."""
        checks = self.fleet.coppice("doctor", str(folder), code=code)
        for check in checks:
            self.assertEqual(list(check), ["check", "ok", "detail", "mend"])
            self.assertEqual(check["ok"], check["mend"] == "", check)
        return {check["check"]: check for check in checks}

    def bad(self, folder):
        return {name for name, check in self.examine(folder, 1).items() if not check["ok"]}

    def test_daemons_that_run_well_are_well_and_stay_undisturbed(self):
        self.start(2)
        manager = self.examine(self.folder / "manager", 0)
        self.assertIn(str(self.fleet.manager.pid), manager["daemon"]["detail"])
        self.assertIn(str(self.fleet.manager.pid), manager["port api"]["detail"])
        self.assertIn("clock of the manager", manager)
        host = self.examine(self.folder / "n001", 0)
        self.assertIn(self.fleet.endpoint, host["reachability manager"]["detail"])
        self.assertEqual(self.fleet.live(), 2)

    def test_a_manager_that_cannot_start_is_told_why(self):
        self.fleet.kill_manager()
        folder = self.folder / "manager"
        silent = {"daemon", "reachability api", "reachability listen"}
        self.assertEqual(self.bad(folder), silent)
        os.chmod(folder / "fleet.key", 0o644)
        with open(folder / "manager.conf", "a", encoding="utf-8") as settings:
            settings.write("fanuot = 3\n")
        self.assertEqual(self.bad(folder) & {"configuration", "key fleet.key"},
                         {"configuration", "key fleet.key"})
        os.chmod(folder / "fleet.key", 0o600)
        text = (folder / "manager.conf").read_text().replace("fanuot = 3\n", "")
        (folder / "manager.conf").write_text(text)
        with socket.socket() as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            host, port = self.fleet.api.split(":")
            thief.bind((host, int(port)))
            thief.listen()
            checks = self.examine(folder, 1)
            self.assertIn(f"process {os.getpid()}", checks["port api"]["detail"])
        self.fleet.start_manager()  # nothing that the doctor did is in the way
        self.examine(folder, 0)

    def test_a_host_whose_key_was_exchanged_is_told_so(self):
        self.start(2)
        self.fleet.kill("n001")
        self.fleet.kill("n002")
        self.assertEqual(self.bad(self.folder / "n001"), {"daemon"})
        (self.folder / "n002" / "agent.key").replace(self.folder / "n001" / "agent.key")
        self.assertEqual(self.bad(self.folder / "n001"), {"daemon", "key agent.key"})

    def test_a_damaged_store_is_found(self):
        self.fleet.kill_manager()
        store = self.folder / "manager" / "coppice.db"
        self.examine(self.folder / "manager", 1)
        for rest in ("-wal", "-shm"):
            store.with_name(store.name + rest).unlink(missing_ok=True)
        content = bytearray(store.read_bytes())
        content[4096:] = b"x" * (len(content) - 4096)
        store.write_bytes(content)
        self.assertIn("store", self.bad(self.folder / "manager"))

    def test_other_folders_and_usages_are_explained(self):
        self.assertEqual(self.bad(self.folder), {"folder"})
        self.fleet.coppice("doctor", "a", "b", code=2)
        self.examine_without_folder()

    def examine_without_folder(self):
        checks = self.fleet.coppice("doctor", code=0)
        self.assertIn("reachability api", [check["check"] for check in checks])


if __name__ == "__main__":
    main()

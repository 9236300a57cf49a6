#!/usr/bin/env python3
"""A gateway that has nothing to do sleeps, and still notices what others change in its database."""
import re
import time
import unittest
from pathlib import Path

from harness import IS_SANITIZED, SLOWNESS, Story, main, wait_until

SECONDS = 3


class Idle(Story):
    def setUp(self):
        self.gateway = self.runs_gateway(self._testMethodName[5:25])
        self.tenant = self.gateway.create_tenant("quiet", self.runs_fake_ita())
        self.agent = self.signs_in(self.tenant)

    def wake_ups(self):
        """How often threads have gone to sleep of their own accord, and so were woken."""
        tasks = Path(f"/proc/{self.gateway.process.pid}/task").iterdir()
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M).group(1))
                   for task in tasks)

    def wake_ups_of_some_seconds(self):
        before = self.wake_ups()
        time.sleep(SECONDS)
        return self.wake_ups() - before

    @unittest.skipIf(IS_SANITIZED, "sanitizers have threads of their own")
    def test_an_idle_gateway_wakes_up_once_a_second(self):
        wait_until(lambda: self.wake_ups_of_some_seconds() <= SECONDS + 1, "no more than one a second", 30)

    def test_a_change_by_a_subcommand_wakes_it(self):
        if not IS_SANITIZED:
            wait_until(lambda: self.wake_ups_of_some_seconds() <= SECONDS + 1, "it sleeps", 30)
        other = self.gateway.create_app_key("quiet")
        began = time.monotonic()
        wait_until(lambda: self.agent.ask_token(other.app_key, other.app_secret).status == 200, "the new app key signs in")
        self.assertLess(time.monotonic() - began, 2 * SLOWNESS)


if __name__ == "__main__":
    main()

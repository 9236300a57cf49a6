"""What was measured, as a table with medians and ranges, as JSON, and held against the aims."""
import statistics

COLUMNS = (("cpu_us", "CPU us", 1, 1), ("per_second", "/s", 1, 0), ("p50_us", "p50 ms", 1000, 2), ("p99_us", "p99 ms", 1000, 2),
           ("rss_mib", "RSS MiB", 1, 1), ("wakes", "wakes", 1, 1))
# The most that a figure may be: of one over another's within a round, or by itself.
CALL_RATIO_MAX, PUSH_RATIO_MAX, TLS_RATIO_MAX = 2.5, 2.5, 1.35
STEADY_CALL_US_MAX, STEADY_PUSH_US_MAX, STEADY_OVER_ITA_MS_MAX = 240, 150, 3


class Results:
    def __init__(self, about):
        self.about, self.floors, self.syncs, self.complaints = about, {}, {}, []
        self.runs = []

    def add(self, case, server, measured):
        self.runs.append({"load": case.what, "transport": case.transport, "pace": case.pace, "ita": case.ita,
                          "server": server, **measured})

    def as_json(self):
        return {"about": self.about, "floors": self.floors, "syncs": self.syncs, "complaints": self.complaints,
                "aims": [{"what": what, "value": value, "aim": aim} for what, value, aim in self.aims()], "runs": self.runs}

    def figures(self, key, name):
        """Of all rounds."""
        return [run[name] for run in self.runs if self.key(run) == key]

    @staticmethod
    def key(run):
        return run["load"], run["transport"], run["pace"], run["ita"], run["server"]

    def median(self, key, name):
        """None when there was no such run."""
        figures = self.figures(key, name)
        return statistics.median(figures) if figures else None

    def ratio(self, key, other, name="cpu_us"):
        """The median of the rounds' ratios: what the machine did in a round met both."""
        pairs = list(zip(self.figures(key, name), self.figures(other, name)))
        return statistics.median(one / two for one, two in pairs) if pairs else None

    def over_ita_ms(self, key):
        """The p99 of a call less the median time of the ITA alone."""
        alone = self.median((*key[:4], "ITA alone"), "p50_us")
        return None if alone is None else (self.median(key, "p99_us") - alone) / 1000

    # --- Aims ---

    def aims(self):
        """What the runs tell about each aim."""
        def key(load, transport, pace, server="gateway", ita="nginx"):
            return load, transport, pace, ita, server
        found = [("a call over nginx that forwards it", self.ratio(key("calls", "plain", "closed"),
                                                                   key("calls", "plain", "closed", "nginx")), CALL_RATIO_MAX),
                 ("a CDR push over nginx that answers it", self.ratio(key("pushes", "plain", "closed"),
                                                                      key("pushes", "plain", "closed", "nginx")), PUSH_RATIO_MAX)]
        for load, what in (("calls", "a call"), ("pushes", "a CDR push")):
            found.append((f"{what} with TLS on both sides over plain",
                          self.ratio(key(load, "TLS", "closed"), key(load, "plain", "closed")), TLS_RATIO_MAX))
        found += [("CPU us of a call at a steady rate", self.median(key("calls", "plain", "steady"), "cpu_us"),
                   STEADY_CALL_US_MAX),
                  ("CPU us of a CDR push at a steady rate", self.median(key("pushes", "plain", "steady"), "cpu_us"),
                   STEADY_PUSH_US_MAX)]
        for ita in ("nginx", "slow"):
            found.append((f"p99 ms of a call over the time of the ITA ({ita})",
                          self.over_ita_ms(key("calls", "plain", "steady", ita=ita)), STEADY_OVER_ITA_MS_MAX))
        return [(what, value, aim) for what, value, aim in found if value is not None]

    # --- Printing ---

    def print(self):
        print("\n" + ", ".join(f"{name.replace('_', ' ')} {value:.2f}" if isinstance(value, float) else f"{name} {value}"
                               for name, value in self.about.items()))
        for name, value in {**self.floors, **{f"syncs {name}": value for name, value in self.syncs.items()}}.items():
            print(f"{name:62}{value:12.2f}")
        print(f"\n{'median (least to most)':42}" + "".join(f"{title:>26}" for _, title, _, _ in COLUMNS) + f"{'ratio':>8}")
        for key in dict.fromkeys(map(self.key, self.runs)):
            self.print_row(key)
        print()
        for what, value, aim in self.aims():
            print(f"{what:62}{value:10.2f}   aim: {aim} at most{'' if value <= aim else '   MISSED'}")
        for complaint in self.complaints:
            print(f"! {complaint}")

    def print_row(self, key):
        load, transport, pace, ita, server = key
        cells = []
        for name, _, divisor, digits in COLUMNS:
            figures = [figure / divisor for figure in self.figures(key, name)]
            spread = f"({min(figures):.{digits}f} to {max(figures):.{digits}f})"
            cells.append(f"{statistics.median(figures):.{digits}f} {spread}")
        ratio = self.ratio(key, (*key[:4], "nginx"))
        print(f"{f'{load} {transport} {pace} {ita}':30}{server:12}" + "".join(f"{cell:>26}" for cell in cells) +
              (f"{ratio:8.2f}" if ratio is not None else ""))

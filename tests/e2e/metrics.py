"""A page of /metrics as it is read: Prometheus' text format 0.0.4, as strictly as the documents tell it."""
import re

SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')
SUFFIXES = ("_bucket", "_sum", "_count")


class Page:
    def __init__(self, text):
        self.text, self.types, self.help, self.samples = text, {}, {}, {}
        if not text.endswith("\n"):
            raise AssertionError("the last line has no end")
        family = None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family, self.help[family] = line[7:].split(" ", 1)
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                self._claim(name == family and name not in self.types, line)
                self.types[name] = kind
            else:
                self._take(family, line)

    @staticmethod
    def _claim(is_so, line):
        if not is_so:
            raise AssertionError(f"no line of a page: {line}")

    def _take(self, family, line):
        found = SAMPLE.fullmatch(line)
        self._claim(found, line)
        name, labels, value = found.groups()
        is_histogram = self.types.get(family) == "histogram"
        self._claim(name in ([family + suffix for suffix in SUFFIXES] if is_histogram else [family]), line)
        pairs = LABEL.findall(labels or "")
        self._claim(",".join(f'{key}="{text}"' for key, text in pairs) == (labels or ""), line)
        series = (name, frozenset(pairs))
        self._claim(series not in self.samples and len(dict(pairs)) == len(pairs), line)
        self.samples[series] = float(value)

    def labels(self, name):
        """The names of the labels that the metric's series have."""
        return {key for series, pairs in self.samples if series == name for key, _ in pairs}

    def value(self, name, **labels):
        """0 for a series that is not there yet."""
        return self.samples.get((name, frozenset(labels.items())), 0)

    def total(self, name, **labels):
        """Of all series that have these labels."""
        return sum(value for (series, pairs), value in self.samples.items()
                   if series == name and frozenset(labels.items()) <= pairs)

    def histograms(self):
        """For each: its name and labels, the buckets in order as (bound, count), the count and the sum."""
        for (name, pairs), count in self.samples.items():
            family = name.removesuffix("_count")
            if self.types.get(family) != "histogram" or name == family:
                continue
            buckets = sorted((float(dict(at)["le"]), value) for (series, at), value in self.samples.items()
                             if series == family + "_bucket" and frozenset(pair for pair in at if pair[0] != "le") == pairs)
            yield family, pairs, buckets, count, self.samples[family + "_sum", pairs]

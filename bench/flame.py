"""Where the CPU time of a server goes, as a flame graph: perf's samples of its threads while it is measured, drawn as SVG.
The width of a frame is its share of the samples, the frames above it are what it called; x has no meaning but the alphabet."""
import re
import signal
import subprocess
from collections import Counter
from html import escape
from itertools import dropwhile

PER_SECOND = 499  # not a divisor of what happens every millisecond
STACK_BYTES = 16384  # of each sample, to be unwound: Debian's libraries keep no frame pointers
WIDTH, LINE, TOP, MARGIN = 1200, 17, 50, 10
LETTER = 6.6  # the width of one at this size
LEAST_SHARE = 0.003  # what would be under four units wide is left out
# How a thread came to what it does: told with some samples, and lost with others where the unwinding broke off.
BEGINNING = re.compile(r"_start|__libc_start.*|main|serve|cmd_serve|daemon_run|uv_run|clone3|start_thread|\[libuv.*|\[\[unknown\]\]")
SAMPLE = re.compile(r"^(\S.*?)\s+\d+\s")
FRAME = re.compile(r"^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$")
NOT_TOLD = "[unknown]"  # perf's word for an address without a symbol


class Recording:
    """Of a process, from here to the end of the block."""

    def __init__(self, pid, file):
        self.file = file
        self.command = ["perf", "record", "-q", "-e", "cpu-clock", "-F", PER_SECOND, "--call-graph", f"dwarf,{STACK_BYTES}",
                        "-p", pid, "-o", file]

    def __enter__(self):
        self.perf = subprocess.Popen(list(map(str, self.command)), stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.perf.send_signal(signal.SIGINT)
        self.perf.wait()

    def stacks(self):
        return stacks_in(subprocess.run(["perf", "script", "--no-inline", "-F", "comm,tid,ip,sym,dso", "-i", str(self.file)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout)


def stacks_in(told):
    """How often each was seen: the thread, then its frames from the outermost that says something."""
    found = Counter()
    for sample in told.split("\n\n"):
        head, *frames = sample.strip("\n").splitlines() or [""]
        thread = SAMPLE.match(head + " ")
        if thread:
            names = [name_of(*frame.groups()) for frame in map(FRAME.match, frames) if frame]
            found[(thread.group(1), *dropwhile(BEGINNING.fullmatch, reversed(names)))] += 1
    return found


def name_of(symbol, file):
    """A function, or the library that has hidden its name."""
    if symbol == NOT_TOLD:
        return f"[{file.rsplit('/', 1)[-1]}]"
    return symbol.split("@")[0] + ("_[k]" if "kernel" in file or file.endswith("]") else "")


class Frame:
    def __init__(self):
        self.count, self.above = 0, {}

    def add(self, names, count):
        self.count += count
        if names:
            self.above.setdefault(names[0], Frame()).add(names[1:], count)

    def depth(self, least):
        return 1 + max((frame.depth(least) for frame in self.above.values() if frame.count >= least), default=0)


def color_of(name):
    """The kernel's, libraries' without names, and the rest."""
    red, green, blue = (205, 120, 70) if name.endswith("_[k]") else (150, 150, 150) if name.startswith("[") else (230, 180, 90)
    shade = sum(name.encode()) % 25
    return f"rgb({red + shade},{green + shade},{blue + shade})"


def draw_frame(name, frame, all_count, x, y):
    width = WIDTH * frame.count / all_count
    words = f"{name} {frame.count / all_count:.1%}"
    fits = int(width / LETTER) - 1
    label = (words if len(words) <= fits else name[:fits]) if fits > 2 else ""
    yield (f'<g><title>{escape(words)}</title><rect x="{MARGIN + x:.1f}" y="{y}" width="{width:.1f}" height="{LINE - 1}" '
           f'fill="{color_of(name)}"/><text x="{MARGIN + x + 3:.1f}" y="{y + 12}">{escape(label)}</text></g>')


def draw_all(frame, all_count, x, y):
    for name, above in sorted(frame.above.items()):
        if above.count >= LEAST_SHARE * all_count:
            yield from draw_frame(name, above, all_count, x, y)
            yield from draw_all(above, all_count, x, y - LINE)
        x += WIDTH * above.count / all_count


def svg(title, stacks):
    """The lines of the picture."""
    root = Frame()
    for names, count in stacks.items():
        root.add(names, count)
    height = TOP + LINE * root.depth(LEAST_SHARE * root.count)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2 * MARGIN} {height}" font-family="monospace" '
           f'font-size="11"><rect width="100%" height="100%" fill="#fff"/><text x="{MARGIN}" y="20" font-size="14">'
           f'{escape(title)}, {root.count} samples</text>')
    yield from draw_all(root, root.count, 0, height - LINE - MARGIN)
    yield "</svg>"

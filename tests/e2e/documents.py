"""The commands of the documents, as tests play them. A fenced block `console` shows what is typed behind `$ ` (or, as root,
`# `) with its further lines (behind a backslash, or `> `), and below it what it prints. What is printed is compared
loosely: any number is as good as another, `...` stands for anything, alone on a line for any lines; where nothing is
shown, nothing is compared. Every command must end with 0."""
import os
import re
import selectors
import subprocess
import time
import uuid

COMMAND_TIMEOUT_S = 60
PLAYED, NOT_PLAYED = "console", re.compile(r"^\*Not played by the tests: (.+)\*$")
SHOWN_ONLY = {"text", "conf", "json", "python", "http", "mermaid", "nginx", "promql", "yaml"}


class Command:
    def __init__(self, line, is_root, text):
        self.line, self.is_root, self.text, self.printed = line, is_root, text, []

    def __repr__(self):
        return f"line {self.line}: {self.text}"


class Block:
    """reason: why it is not played, as the line above it says; None for one that is."""

    def __init__(self, line, language, reason):
        self.line, self.language, self.reason, self.lines = line, language, reason, []

    def commands(self):
        """What is shown before the first command belongs to none, and is a mistake."""
        found, goes_on = [], False
        for number, line in enumerate(self.lines, self.line + 1):
            if goes_on or (found and not found[-1].printed and line.startswith("> ")):
                found[-1].text += "\n" + line.removeprefix("> ")
            elif line.startswith(("$ ", "# ")):
                found.append(Command(number, line[0] == "#", line[2:]))
            elif found:
                found[-1].printed.append(line)
            else:
                raise AssertionError(f"line {number}: no `$ ` or `# ` before it")
            goes_on = not (found[-1].printed) and line.endswith("\\")
        return found


def blocks(text):
    """The fenced blocks of a document."""
    found, block, said = [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line.strip() == "```":
                block = None
            else:
                block.lines.append(line)
        elif line.startswith("```"):
            reason = NOT_PLAYED.match(said)
            block = Block(number, line[3:].strip(), reason and reason[1])
            found.append(block)
        elif line.strip():
            said = line.strip()
    return found


# --- What was printed ---

def _words(line):
    """Without what says how long it took, and without the widths of columns."""
    return re.sub(r"\s+", " ", re.sub(r" \(\d+ ms\)$", "", line.strip()))


def _pattern(line):
    """A line as it is shown, with anything for `...` and any number for a number."""
    pieces = re.split(r"(\.\.\.|\d+)", _words(line))
    return "".join(r".*" if piece == "..." else r"\d+" if piece.isdigit() else re.escape(piece) for piece in pieces)


def differs(shown, printed):
    """None, or in what a command printed something else than the document shows."""
    shown = "\n".join(shown).strip("\n")
    if not shown:
        return None
    pattern = "".join("(?:.*\n)*" if line.strip() == "..." else _pattern(line) + "\n" for line in shown.splitlines())
    said = "".join(_words(line) + "\n" for line in printed.strip("\n").splitlines())
    return None if re.fullmatch(pattern, said) else f"the document shows\n{shown}\nand it prints\n{printed}"


# --- Playing ---

class Shell:
    """A shell that goes on from command to command, as a reader's does: variables stay, and what runs in the background."""

    def __init__(self, command, **options):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         start_new_session=True, **options)
        # What it has left in the background ends with it, also when nobody is left to close it.
        self._process.stdin.write(b"trap 'trap \"\" TERM; kill 0' EXIT\n")

    def run(self, text):
        """Returns its exit code and what it printed."""
        end = f"end-{uuid.uuid4()}"
        here = f"here-{uuid.uuid4()}"
        # It must not read what is meant for the shell.
        script = f"_text=$(cat <<'{here}'\n{text}\n{here}\n)\neval \"$_text\" </dev/null\nprintf '\\n%s %s\\n' {end} $?\n"
        self._process.stdin.write(script.encode())
        self._process.stdin.flush()
        output = self._read_until(end.encode())
        printed, _, code = output.decode("utf-8", "replace").rpartition(f"\n{end} ")
        return int(code), printed

    def _read_until(self, end):
        deadline, output = time.monotonic() + COMMAND_TIMEOUT_S, b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not re.search(end + rb" \d+\n", output):
                if not selector.select(deadline - time.monotonic()):
                    raise AssertionError(f"no end after {COMMAND_TIMEOUT_S} s; it printed\n{output.decode()}")
                piece = os.read(self._process.stdout.fileno(), 65536)
                if not piece:
                    raise AssertionError(f"the shell has ended; it printed\n{output.decode()}")
                output += piece
        return output

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def play(test, text, run, names=()):
    """Runs the commands of a document in order; run(command) returns code and output. names: (what the document says,
    what it is called here), for commands and for what they print. Returns how many were run."""
    def here(said):
        for there, called in names:
            said = said.replace(there, called)
        return said

    count = 0
    for block in blocks(text):
        if block.language != PLAYED or block.reason is not None:
            continue
        for command in block.commands():
            shown = [here(line) for line in command.printed]
            command.text = here(command.text)
            code, printed = run(command)
            test.assertEqual(code, 0, f"{command} ends with {code}; it printed\n{printed}")
            difference = differs(shown, printed)
            test.assertIsNone(difference, f"{command}: {difference}")
            count += 1
    return count

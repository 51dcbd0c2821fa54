#!/usr/bin/env python3
"""Questions about everyone's data: lineage of tables, the same flows day after day, in one store.

    benches/everyone.py WHEREFORE [ACTS]      a million acts by default

WHEREFORE is the program. Ten layers of 250 sets with up to 20 fields; each field of a set comes from one to three sets of the
layer before, every day; what nothing brings data to collects it once. Each line is one command as a person would run it, by the
clock, with its processor time and its most memory. The comparison is a question that reads and replays everything. Then a server:
questions of it while it is open; one act committed, the findings and a question after it; the findings under two laws besides, and where deletions have to reach others. Then
the findings where a tenth as many acts are about ten thousand people, and the questions again where some acts only may carry, end, stand or were changed. FOLDER (default: a temporary folder) is where files lie.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timedelta, timezone

LAYERS, SETS, FIELDS = 10, 250, 20
HEADER = '{"scenario":"acts","as_of":"2026-01-01T00:00:00Z","home":"CN"}'
PEOPLE = 10_000
START = datetime(2023, 1, 1, tzinfo=timezone.utc)
PORT = 8479


def edges(draw):
    for layer in range(1, LAYERS):
        for to in range(SETS):
            for field in range(FIELDS):
                if draw.random() < 0.3:
                    for _ in range(draw.choice((1, 2, 3))):
                        yield (layer - 1) * SETS + draw.randrange(SETS), layer * SETS + to, field


def act(name, at, kind, giver, taker, field, whose="everyone"):
    sides = {"act": kind, "to": f"set-{taker}"} | ({} if giver is None else {"from": f"set-{giver}"})
    return {"id": name, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **sides, "fields": [f"field-{field}"],
            "subjects": [whose], "purpose": "analytics"}


def write(folder, count, flows):
    with open(f"{folder}/catalogue.ndjson", "w") as out:
        out.write(HEADER + '\n{"categories":{"id":"data"}}\n{"purposes":{"id":"analytics"}}\n')
        for i in range(LAYERS * SETS):
            out.write(json.dumps({"processors": {"id": f"set-{i}", "kind": "controller", "country": "CN"}}) + "\n")
        for i in range(FIELDS):
            out.write(json.dumps({"fields": {"id": f"field-{i}", "category": "data"}}) + "\n")
        # One set in a hundred has no permission to pass anything on.
        sets = [f"set-{i}" for i in range(LAYERS * SETS)]
        holders = [name for i, name in enumerate(sets) if i % 100]
        permitted = {"id": "permitted", "basis": "contract", "holder": holders, "acts": ["collect", "share"], "recipients": sets,
                     "purposes": ["analytics"], "categories": ["data"], "from": "2020-01-01T00:00:00Z"}
        out.write(json.dumps({"authorizations": permitted}) + "\n")
        for check, name in (("authorized", "covered"), ("flow-supported", "held")):
            out.write(json.dumps({"rules": {"id": name, "check": check, "clause": "B-1", "severity": "error"}}) + "\n")
    written = 0
    with open(f"{folder}/acts.ndjson", "w") as out:
        out.write(HEADER + "\n")
        # What nothing brings data to collects it.
        for taker, field in sorted({(giver, field) for giver, _, field in flows} - {(taker, field) for _, taker, field in flows}):
            out.write(json.dumps({"events": act(f"c{written}", START, "collect", None, taker, field)}) + "\n")
            written += 1
        day = 0
        while written < count:
            for giver, taker, field in flows[: count - written]:
                at = START + timedelta(days=day, seconds=3600 + taker // SETS * 600)
                out.write(json.dumps({"events": act(f"e{written}", at, "share", giver, taker, field)}) + "\n")
                written += 1
            day += 1
    return written


def write_people(folder, draw, count, flows):
    """People, and acts about each of them along flows that there are."""
    with open(f"{folder}/people.ndjson", "w") as out:
        out.write(HEADER + "\n")
        for i in range(PEOPLE):
            out.write(json.dumps({"subjects": {"id": f"person-{i}"}}) + "\n")
        for number in range(count):
            giver, taker, field = draw.choice(flows)
            at = START + timedelta(minutes=draw.randrange(365 * 24 * 60))
            own = act(f"p{number}", at, "share", giver, taker, field, f"person-{number % PEOPLE}")
            out.write(json.dumps({"events": own}) + "\n")


def write_mixed(folder, draw, flows):
    """The same acts as lineage comes in practice: one flow in twenty only may carry and three have influence alone, deletions all
    along, a few standing acts, and records that correct or take back others."""
    carries = {}
    for giver, taker, field in flows:
        drawn = draw.random()
        told = "possible" if drawn < 0.05 else "influence" if drawn < 0.2 else None
        carries[f"set-{giver}", f"set-{taker}", f"field-{field}"] = told
    some, last, deletions = [], None, 0
    with open(f"{folder}/acts.ndjson") as acts, open(f"{folder}/mixed.ndjson", "w") as out:
        out.write(next(acts))
        for text in acts:
            event = json.loads(text)["events"]
            told = carries.get((event.get("from"), event["to"], event["fields"][0]))
            event |= {"carries": told} if told else {}
            for _ in range(5 if last and event["at"] != last else 0):
                gone = {"id": f"d{deletions}", "at": event["at"], "act": "delete", "by": f"set-{draw.randrange(LAYERS * SETS)}",
                        "fields": [f"field-{draw.randrange(FIELDS)}"], "subjects": ["everyone"]}
                out.write(json.dumps({"events": gone}) + "\n")
                deletions += 1
            last = event["at"]
            out.write(json.dumps({"events": event}) + "\n")
            if len(some) < 20 and draw.random() < 0.001:
                some.append(event)
        for number in range(5):
            span = {"from": "2023-01-10T00:00:00Z", "until": "2023-01-20T00:00:00Z"}
            standing = act(f"s{number}", START, "share", 8 * SETS + number, 9 * SETS + number, number) | {"at": span}
            out.write(json.dumps({"events": standing}) + "\n")
    with open(f"{folder}/changes.ndjson", "w") as out:
        out.write(HEADER + "\n")
        for number, event in enumerate(some):
            back = {"retracts": event["id"], "why": "it never took place"}
            out.write(json.dumps({"events": back if number % 2 else event | {"corrects": event["id"]}}) + "\n")
    return deletions


def run(arguments):
    """Seconds by the clock and of the processor, the most memory in megabytes, and what it printed."""
    began = time.monotonic()
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    printed = child.stdout.read()
    told = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)}\n{told}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, printed


def line(what, clock, cpu, memory, more=""):
    print(f"{what:62} {clock:8.2f} s {cpu:8.2f} s CPU {memory:7.0f} MB  {more}", flush=True)


def ask(program, store, field, giver, taker):
    sides = ["--from", f"set-{giver}", "--to", f"set-{taker}"]
    return run([program, "ask", "reach", "--store", store, "--field", f"field-{field}", *sides])


def pairs(draw, flows):
    """Where a field comes from and where it may end, half of them along flows that there are."""
    above = {}
    for giver, taker, field in flows:
        above.setdefault((taker, field), []).append(giver)
    while True:
        taker, field = draw.choice(list(above))
        at, steps = taker, 0
        while (at, field) in above and steps < 9:
            at, steps = draw.choice(above[at, field]), steps + 1
        yield (at, taker, field) if draw.random() < 0.5 else (draw.randrange(SETS), taker, field)


def post(query, variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/graphql", body, {"content-type": "application/json"})
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=600) as response:
        answer = json.load(response)
    if "errors" in answer:
        sys.exit(answer["errors"])
    return time.monotonic() - began, answer["data"]


def commit(day, number, giver, taker, field, whose="everyone"):
    """One act more, of that day; how long it took."""
    file = {"scenario": "acts", "as_of": "2026-01-01T00:00:00Z", "home": "CN"}
    at = START + timedelta(days=day)
    file["events"] = [act(f"late-{day}-{number}", at, "share", giver, taker, field, whose)]
    return post("mutation($f:String!){commit(input:{facts:$f}){sequence}}", {"f": json.dumps(file)})[0]


def tell(what, times):
    print(f"{what}: median {statistics.median(times) * 1e3:.1f} ms, most {max(times) * 1e3:.1f} ms, first {times[0] * 1e3:.1f} ms")


class Server:
    """The program while it serves a store."""

    def __init__(self, program, store, folder):
        began = time.monotonic()
        with open(f"{folder}/server.log", "w") as log:
            self.process = subprocess.Popen([program, "serve", "--store", store, "--port", str(PORT)], stdout=log, stderr=log)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5)
                break
            except OSError:
                time.sleep(0.02)
        print(f"server ready after {time.monotonic() - began:.2f} s")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


QUESTIONS = {
    "reach": 'reach(field:"field-{field}",from:"set-{giver}",to:"set-{taker}",subject:"everyone"){{verdict}}',
    "holders": 'holders(field:"field-{field}",subject:"everyone"){{verdict}}',
    "uses": 'uses(field:"field-{field}",subject:"everyone"){{verdict}}',
    "crossings": 'crossings(subject:"everyone"){{verdict}}',
    "sources": 'sources(processor:"set-{taker}",field:"field-{field}",subject:"everyone"){{verdict}}',
    "downstream": 'downstream(from:"set-{giver}",field:"field-{field}",subject:"everyone"){{verdict}}',
}


def serve_questions(asked):
    """Questions of an open server, after one of each that is not counted."""
    for kind, text in QUESTIONS.items():
        def question(giver, taker, field):
            return "query{" + text.format(giver=giver, taker=taker, field=field) + "}"
        post(question(*asked[0]), {})
        tell(f"asked of a server that is open, {kind}", [post(question(*one), {})[0] for one in asked])


FIND = "query{findings(first:1){edges{cursor}}}"
DAYS = (("that comes last", 1_000), ("of the third day", 3))


def findings_after(asked, what, name, query=FIND, whose="everyone"):
    """How long the findings take after each of some commits."""
    for when, day in DAYS:
        took = []
        for number, (giver, taker, field) in enumerate(asked):
            commit(day, f"{name}-{number}", giver, taker, field, whose)
            took.append(post(query, {})[0])
        tell(f"{what} {when}", took)


def serve(asked):
    print(f"the first findings: {post(FIND, {})[0]:.2f} s")
    for when, day in DAYS:
        commits, questions, findings = [], [], []
        for number, (giver, taker, field) in enumerate(asked):
            commits.append(commit(day, number, giver, taker, field))
            findings.append(post(FIND, {})[0])
            names = {"field": f"field-{field}", "from": f"set-{giver}", "to": f"set-{taker}"}
            took, _ = post("query($field:String!,$from:String,$to:String!){reach(field:$field,from:$from,to:$to,"
                           'subject:"everyone"){verdict}}', names)
            questions.append(took)
        named = ((f"a commit of one act {when}", commits), ("the findings after it", findings), ("a question then", questions))
        for what, times in named:
            tell(what, times)
    laws = 'query{findings(first:1,packs:["gdpr","pipl"]){totalCount edges{cursor}}}'
    took, found = post(laws, {})
    print(f"the first findings under both laws too: {took:.2f} s, {found['findings']['totalCount']} of them")
    findings_after(asked, "those after a commit of one act", "law", laws)


def serve_deletions(asked):
    file = {"scenario": "acts", "as_of": "2026-01-01T00:00:00Z", "home": "CN"}
    file["rules"] = [{"id": "gone", "check": "deletion-propagated", "clause": "B-2", "severity": "error", "within_days": 30,
                      "roles": ["own"]}]
    file["events"] = [{"id": f"deleted-{number}", "at": "2023-02-01T00:00:00Z", "act": "delete", "by": f"set-{giver}",
                       "subjects": ["everyone"], "fields": [f"field-{field}"]} for number, (giver, _, field) in enumerate(asked)]
    post("mutation($f:String!){commit(input:{facts:$f}){sequence}}", {"f": json.dumps(file)})
    print(f"the first findings where deletions have to reach others: {post(FIND, {})[0]:.2f} s")
    findings_after(asked, "those after a commit of one act", "kept")


def serve_people(asked):
    print(f"the first findings with people in the store: {post(FIND, {})[0]:.2f} s")
    for whose in ("everyone", "person-7"):
        findings_after(asked, f"the findings after an act about {whose}", f"beside-{whose}", whose=whose)


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    draw = random.Random(2)
    flows = list(edges(draw))
    folder = tempfile.mkdtemp(dir=os.environ.get("FOLDER"))
    store = f"{folder}/store"
    try:
        print(f"{write(folder, count, flows)} acts, {len(flows)} flows a day")
        for name in ("catalogue", "acts"):
            line(f"import {name}", *run([program, "import", "--store", store, f"{folder}/{name}.ndjson"])[:3])
        with open(f"{folder}/open.graphql", "w") as out:
            out.write("{ __typename }")
        opening = [program, "query", "--store", store, f"{folder}/open.graphql"]
        line("open, nothing laid down", *run(opening)[:3])
        source = pairs(draw, flows)
        asked = [next(source) for _ in range(20)]
        giver, taker, field = asked[0]
        line("first question: everyone's flows are laid down", *ask(program, store, field, giver, taker)[:3])
        size = sum(entry.stat().st_size for entry in os.scandir(f"{store}/flows"))
        print(f"{size / count:.1f} bytes an act in the file")
        line("open", *run(opening)[:3])
        answers = [ask(program, store, field, giver, taker) for giver, taker, field in asked]
        yes = sum(answer[3].startswith("yes") for answer in answers)
        clocks = sorted(answer[0] for answer in answers)
        middle, most = clocks[len(clocks) // 2], clocks[-1]
        cpu, memory = statistics.median(answer[1] for answer in answers), max(answer[2] for answer in answers)
        line("open and ask, twenty questions: median", middle, cpu, memory, f"most {most:.2f} s; {yes} are a yes")
        giver, taker, field = asked[0]
        whose = ["--store", store, "--subject", "everyone"]
        of_field = [*whose, "--field", f"field-{field}"]
        for kind, more in (("holders", []), ("purposes", []), ("sources", ["--processor", f"set-{taker}"]),
                           ("downstream", ["--from", f"set-{giver}"])):
            line(f"{kind} of the field", *run([program, "ask", kind, *of_field, *more])[:3])
        line("crossings of everyone's data", *run([program, "ask", "crossings", *whose])[:3])
        line("transfers: everything is read and replayed", *run([program, "ask", "transfers", *whose])[:3])
        with Server(program, store, folder):
            serve_questions(asked)
        with Server(program, store, folder):
            serve(asked[:10])
            serve_deletions(asked[:10])
        write_people(folder, draw, count // 10, flows)
        line("import people", *run([program, "import", "--store", store, f"{folder}/people.ndjson"])[:3])
        with Server(program, store, folder):
            serve_people(asked[:10])
        print(f"the acts as lineage comes, with {write_mixed(folder, draw, flows)} deletions")
        mixed = f"{folder}/mixed"
        for name in ("catalogue", "mixed", "changes"):
            line(f"import {name}", *run([program, "import", "--store", mixed, f"{folder}/{name}.ndjson"])[:3])
        with Server(program, mixed, folder):
            serve_questions(asked)
    finally:
        shutil.rmtree(folder)


main()

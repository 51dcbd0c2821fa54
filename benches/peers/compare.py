"""One engine, or all of them, on one graph: load, ask the twenty probes, compare with the truth, measure.

    compare.py DIR ENGINE …            runs each in a process of its own and prints a Markdown table
    compare.py --child DIR ENGINE STEPS   the process

CPU seconds of the whole process (all its threads) stand first in the table, seconds of the clock behind. A step that
takes more than LIMIT CPU seconds (or four times that by the clock) is stopped and said to be.
"""
import importlib
import json
import os
import queue
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from graph import Graph

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = float(os.environ.get("LIMIT", "60"))
STEPS = ["load", "expand", "q0", "q1", "sweep", "q2", "q3_20", "q3_1000"]


def spent():
    """CPU seconds of this process and of the children it waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def say(**words):
    words["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(words), flush=True)


def child(folder, name, steps):
    graph, truth = Graph(folder), json.load(open(f"{folder}/truth.json"))
    work = tempfile.mkdtemp(prefix=f"peers-{name}-")
    try:
        engine = importlib.import_module(f"engines.{name}").Engine(graph, work)
        if hasattr(engine, "warm_up"):
            engine.load(), engine.warm_up()
        for step in steps:
            method = step.split("_")[0]
            if not hasattr(engine, method):
                continue
            say(begin=step)
            try:
                run_step(engine, graph, truth, step, method)
            except Exception as error:  # an engine that gives up is a result
                say(step=step, error=f"{type(error).__name__}: {str(error)[:200]}")
                if step == "load":
                    return
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run_step(engine, graph, truth, step, method):
    if method in ("load", "expand"):
        clock, cpu = time.perf_counter(), spent()
        getattr(engine, method)()
        used = spent() - cpu, time.perf_counter() - clock
        used = getattr(engine, "measured", None) or used
        say(step=step, cpu=[used[0]], clock=[used[1]], disk=engine.disk() if hasattr(engine, "disk") else None)
        return
    probes = graph.probes()
    if method == "q3":
        wanted = truth.get(step)
        asked = [(lambda: list(engine.q3(int(step.split("_")[1]))), wanted)]
    elif method == "q0":
        asked = [(lambda p=p: engine.q0(p[0]), want) for p, want in zip(probes, truth["q0"])]
    elif method == "q2":
        asked = [(lambda p=p, w=want: bool(engine.q2(*p, w[0])), want[1]) for p, want in zip(probes, truth["q2"])]
    else:
        asked = [(lambda p=p: list(getattr(engine, method)(*p)), want) for p, want in zip(probes, truth["q1"])]
    cpus, clocks, right, wrong = [], [], 0, []
    for ask, want in asked:
        clock, cpu = time.perf_counter(), time.process_time()
        got = ask()
        cpus.append(time.process_time() - cpu)
        clocks.append(time.perf_counter() - clock)
        measured = getattr(engine, "measured", None)
        if measured:  # the engine runs in another process and measures itself
            cpus[-1], clocks[-1] = measured
        if want is None or got == want:
            right += want is not None
        else:
            wrong.append([got, want])
    say(step=step, cpu=cpus, clock=clocks, right=right, asked=sum(want is not None for _, want in asked), wrong=wrong[:3])


def watch(folder, name):
    """Runs the child; a step over the limit is stopped and the rest done by a second child."""
    results, left, peak = {}, list(STEPS), 0
    while left:
        command = [sys.executable, f"{HERE}/compare.py", "--child", folder, name, ",".join(left)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE)
        lines, errors = queue.Queue(), []
        threading.Thread(target=lambda: ([lines.put(line) for line in process.stdout], lines.put(None)), daemon=True).start()
        threading.Thread(target=lambda: errors.extend(process.stderr), daemon=True).start()
        step, since, before, stopped = "load", time.time(), 0.0, False
        while True:
            try:
                line = lines.get(timeout=0.25)
            except queue.Empty:
                used = cpu_of(process.pid) - before
                limit = LIMIT * (4 if step in ("load", "expand") else 1)
                if used > limit or time.time() - since > 4 * limit:
                    process.kill()
                    results[step] = dict(stopped=used, clock=time.time() - since)
                    stopped = True
                    break
                continue
            if line is None:
                break
            told = json.loads(line)
            peak = max(peak, told["peak_mb"])
            if "begin" in told:
                step, since, before = told["begin"], time.time(), cpu_of(process.pid)
            else:
                results[told["step"]] = told
        process.wait()
        if not stopped:
            if process.returncode and step not in results:
                results[step] = dict(error="".join(errors)[-200:] or f"exit {process.returncode}")
            break
        if step in ("load",):
            break
        gone = {"expand": {"expand", "q1", "q2"}, "q1": {"q1", "q2", "q3_20", "q3_1000"}, "q3_20": {"q3_20", "q3_1000"}}
        done = set(results) | gone.get(step, {step})
        left = [other for other in STEPS if other not in done or other in ("load", "expand")]
        if not [other for other in left if other not in ("load", "expand")]:
            break
    results["peak_mb"] = peak
    return results


def cpu_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return sum(int(fields[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        return 0.0


def seconds(value):
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1e3:.1f} ms" if value < 1 else f"{value:.1f} s"


def cell(result):
    if result is None:
        return "–"
    if "stopped" in result:
        return f"stopped after {result['stopped']:.0f} s"
    if "error" in result:
        return "fails"
    middle, most = statistics.median(result["cpu"]), max(result["cpu"])
    text = seconds(middle)
    if len(result["cpu"]) > 1:
        text += f", most {seconds(most)}"
    text += f" / {seconds(statistics.median(result['clock']))}"
    if result.get("asked") and result["right"] != result["asked"]:
        text += f", **right {result['right']} of {result['asked']}**"
    if "asked" in result and not result["asked"]:
        text += " (not checked)"
    return text


def main(folder, names):
    facts = json.load(open(f"{folder}/graph.json"))
    print(f"### {facts['size']}: {facts['flows']:,} flows, {facts['nodes']:,} holdings, {facts['parties']:,} parties\n")
    print("| engine | load | disk, bytes a flow | peak MB | Q0 reach | Q1 timed reach | Q2 reached a party | Q3 20 fields | Q3 1000 fields |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        results = watch(folder, name)
        with open(f"{folder}/results.jsonl", "a") as file:
            file.write(json.dumps(dict(engine=name, results=results)) + "\n")
        load = cell(results.get("load"))
        if "expand" in results:
            load += " + expanded " + cell(results["expand"])
        disks = [step["disk"] for step in results.values() if isinstance(step, dict) and step.get("disk")]
        disk = f"{max(disks) / facts['flows']:.0f}" if disks else "in memory"
        cells = [cell(results.get(step)) for step in ("q0", "q1", "q2", "q3_20", "q3_1000")]
        print(f"| {name} | {load} | {disk} | {results['peak_mb']} | {' | '.join(cells)} |", flush=True)
        if "sweep" in results:
            print(f"| {name}, one pass over the log | | | | | {cell(results['sweep'])} | | | |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(sys.argv[2], sys.argv[3], sys.argv[4].split(","))
    else:
        main(sys.argv[1], sys.argv[2:])

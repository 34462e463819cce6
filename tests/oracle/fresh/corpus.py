"""A corpus of fresh graphs in a folder: made once for a seed, by processes that may die."""

import json
import multiprocessing
import os
import resource
import signal

import numpy as np
import onnx

import graph
import kernels

SECONDS = 40


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def work(function, jobs, numbers, current, pipe):
    limits()
    for number in numbers:
        current.value = number
        signal.alarm(SECONDS)
        pipe.send((number, function(jobs[number])))
    signal.alarm(0)
    pipe.close()


def mapped(function, jobs, workers=2):
    """[function(job)]; None where the process died or took too long."""
    results = [None] * len(jobs)
    context = multiprocessing.get_context("fork")
    running = []

    def start(numbers):
        if numbers:
            ours, theirs = context.Pipe(False)
            current = context.Value("q", numbers[0])
            process = context.Process(target=work, args=(function, jobs, numbers, current, theirs), daemon=True)
            process.start()
            theirs.close()
            running.append((process, ours, current, numbers))

    for i in range(workers):
        start(list(range(i, len(jobs), workers)))
    while running:
        ready = multiprocessing.connection.wait([r[1] for r in running])
        for entry in [r for r in running if r[1] in ready]:
            process, pipe, current, numbers = entry
            try:
                number, result = pipe.recv()
                results[number] = result
            except EOFError:
                process.join()
                running.remove(entry)
                if process.exitcode:
                    start([n for n in numbers if n > current.value])
    return results


def probe(job):
    schema, first, _ = job
    signal.alarm(300)
    try:
        return kernels.probe(schema, first, 1)
    except Exception as error:
        return [], str(error)


def table(folder):
    """The table of kernels, made where it is not there."""
    path = os.path.join(folder, "kernels.json")
    if not os.path.exists(path):
        kernels.make(path, lambda jobs: mapped(probe, jobs))
    return kernels.load(path)


def one(job):
    """Makes the graph of a number: its folder, or nothing."""
    folder, seed, number, special, entries = job
    rng = np.random.default_rng([seed, number, int(special)])
    try:
        made = graph.make(rng, special, entries)
    except Exception as error:
        return f"dropped: {str(error)[:100]}"
    if made is None:
        return "dropped: nothing ran"
    model, feeds, expected, ops = made
    place = os.path.join(folder, f"{number:06}")
    os.makedirs(place, exist_ok=True)
    onnx.save(model, os.path.join(place, "model.onnx"))
    inputs = {}
    for i, (name, array) in enumerate(feeds.items()):
        inputs[name] = f"in{i}.npy"
        np.save(os.path.join(place, inputs[name]), np.array(array, order="C"))
    arrays = {f"o{i}": a.astype(str) if a.dtype == object else a for i, a in enumerate(expected.values())}
    np.savez(os.path.join(place, "expected.npz"), **arrays)
    facts = {"ops": ops, "inputs": inputs, "outputs": list(expected), "opset": model.opset_import[0].version}
    with open(os.path.join(place, "facts.json"), "w") as file:
        json.dump(facts, file)
    return "made"


def make(folder, seed, count, special):
    """The folders of `count` graphs that onnxruntime runs: more are drawn than are kept."""
    entries = table(folder)
    place = os.path.join(folder, f"{'special' if special else 'plain'}-{seed}")
    os.makedirs(place, exist_ok=True)
    state = os.path.join(place, "drawn.json")
    drawn = json.load(open(state)) if os.path.exists(state) else []
    while sum(d == "made" for d in drawn) < count:
        more = min(2000, int((count - sum(d == "made" for d in drawn)) * 1.1) + 20)
        jobs = [(place, seed, n, special, entries) for n in range(len(drawn), len(drawn) + more)]
        drawn += [r or "died" for r in mapped(one, jobs)]
        with open(state, "w") as file:
            json.dump(drawn, file)
    kept = [n for n, d in enumerate(drawn) if d == "made"]
    return [os.path.join(place, f"{n:06}") for n in kept[:count]]

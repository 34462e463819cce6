"""What `modelgram run` adds to tract: time and memory of both, in turn, as ratios.

    cargo build --release --bin modelgram --example tract_alone
    python3 tests/bench/runs.py target/release MODEL SHAPE [--runs 9]

SHAPE is the input's, such as 1,3,224,224. Memory is what is no file: the most that all
processes of a program have at one time.
"""

import argparse
import os
import statistics
import subprocess
import time


def family(pid):
    found = [pid]
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            for child in open(f"/proc/{pid}/task/{thread}/children").read().split():
                found += family(int(child))
    except OSError:
        pass
    return found


def own_memory(pid):
    total = 0
    for one in family(pid):
        try:
            lines = open(f"/proc/{one}/status").read().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    return total / 1024


def timed(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def watched(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, own_memory(process.pid))
        time.sleep(0.0005)
    return most


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("model")
    parser.add_argument("shape")
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()
    ours = [os.path.join(args.folder, "modelgram"), "run", args.model, "--unverified"]
    alone = [os.path.join(args.folder, "examples", "tract_alone"), args.model, args.shape]
    for name, measure, unit in (("time", timed, "s"), ("memory", watched, "MiB")):
        measure(ours), measure(alone)
        pairs = [(measure(ours), measure(alone)) for _ in range(args.runs)]
        a, b = (statistics.median(side) for side in zip(*pairs))
        ratio = statistics.median(x / y for x, y in pairs)
        print(f"{name:7} modelgram run {a:.3f} {unit}, tract alone {b:.3f} {unit}, ratio {ratio:.2f} (median of {args.runs} pairs)")


if __name__ == "__main__":
    main()

"""Length-prefixed frames by asyncio's StreamReader.

    python3 frames.py FILE CHUNK_LENGTH
"""

import asyncio
import json
import statistics
import sys
import time


async def work(chunks):
    reader = asyncio.StreamReader(limit=1 << 30)

    async def feed():
        for chunk in chunks:
            reader.feed_data(chunk)
            await asyncio.sleep(0)
        reader.feed_eof()

    feeding = asyncio.create_task(feed())
    frames = lengths = firsts = 0
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(4), "big")
            frame = await reader.readexactly(length)
            frames += 1
            lengths += len(frame)
            firsts += frame[0]
    except asyncio.IncompleteReadError as error:
        assert error.partial == b""
    await feeding
    return {"frames": frames, "lengths": lengths, "firsts": firsts}


async def main(file, length):
    with open(file, "rb") as opened:
        chunks = list(iter(lambda: opened.read(int(length)), b""))
    print(json.dumps(await work(chunks)), flush=True)
    for line in sys.stdin:
        end = time.perf_counter_ns() + float(line) * 1e6
        samples = []
        while not samples or time.perf_counter_ns() < end:
            before = time.perf_counter_ns()
            await work(chunks)
            samples.append(time.perf_counter_ns() - before)
        print(round(statistics.median(samples)), flush=True)


asyncio.run(main(*sys.argv[1:]))

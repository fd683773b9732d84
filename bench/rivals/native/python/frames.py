"""Frames by asyncio's StreamReader.

    python3 frames.py FILE CHUNK_LENGTH uint32|varint|lf|block
"""

import asyncio
import statistics
import sys
import time


async def uint32(reader):
    length = int.from_bytes(await reader.readexactly(4), "big")
    return await reader.readexactly(length)


async def varint(reader):
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        if byte < 128:
            return await reader.readexactly(length)
        shift += 7


async def lf(reader):
    return (await reader.readuntil(b"\n"))[:-1].removesuffix(b"\r")


async def block(reader):
    return (await reader.readuntil(b"\r\n\r\n"))[:-4]


async def work(chunks, read):
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
            frame = await read(reader)
            frames += 1
            lengths += len(frame)
            firsts += frame[0]
    except asyncio.IncompleteReadError as error:
        assert error.partial == b""
    await feeding
    return {"frames": frames, "lengths": lengths, "firsts": firsts}


async def main(file, length, framing):
    with open(file, "rb") as opened:
        chunks = list(iter(lambda: opened.read(int(length)), b""))
    read = {"uint32": uint32, "varint": varint, "lf": lf, "block": block}[framing]
    print(str(await work(chunks, read)).replace("'", '"'), flush=True)
    for line in sys.stdin:
        end = time.perf_counter_ns() + float(line) * 1e6
        samples = []
        while not samples or time.perf_counter_ns() < end:
            before = time.perf_counter_ns()
            await work(chunks, read)
            samples.append(time.perf_counter_ns() - before)
        print(round(statistics.median(samples)), flush=True)


asyncio.run(main(*sys.argv[1:]))

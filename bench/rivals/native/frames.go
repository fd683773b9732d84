// Length-prefixed frames by bufio.Scanner.
//
//	frames FILE CHUNK_LENGTH
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"time"
)

type tally struct{ frames, lengths, firsts int }

// chunkReader returns at most one chunk per read, like a socket.
type chunkReader struct{ chunks [][]byte }

func (reader *chunkReader) Read(into []byte) (int, error) {
	if len(reader.chunks) == 0 {
		return 0, io.EOF
	}
	count := copy(into, reader.chunks[0])
	if count < len(reader.chunks[0]) {
		reader.chunks[0] = reader.chunks[0][count:]
	} else {
		reader.chunks = reader.chunks[1:]
	}
	return count, nil
}

func split(data []byte, _ bool) (int, []byte, error) {
	if len(data) < 4 {
		return 0, nil, nil
	}
	end := 4 + int(binary.BigEndian.Uint32(data))
	if len(data) < end {
		return 0, nil, nil
	}
	return end, data[4:end], nil
}

func work(chunks [][]byte) tally {
	var found tally
	// A copy of the list, which the reader changes.
	scanner := bufio.NewScanner(&chunkReader{append([][]byte(nil), chunks...)})
	scanner.Buffer(make([]byte, 128<<10), 1<<30)
	scanner.Split(split)
	for scanner.Scan() {
		frame := scanner.Bytes()
		found.frames++
		found.lengths += len(frame)
		found.firsts += int(frame[0])
	}
	return found
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	length, _ := strconv.Atoi(os.Args[2])
	var chunks [][]byte
	for len(content) > 0 {
		if length > len(content) {
			length = len(content)
		}
		chunks = append(chunks, append([]byte(nil), content[:length]...))
		content = content[length:]
	}
	found := work(chunks)
	fmt.Printf("{\"frames\":%d,\"lengths\":%d,\"firsts\":%d}\n", found.frames, found.lengths, found.firsts)
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		milliseconds, _ := strconv.ParseFloat(input.Text(), 64)
		fmt.Println(median(time.Duration(milliseconds*1e6), chunks))
	}
}

func median(limit time.Duration, chunks [][]byte) int64 {
	var samples []int64
	for start := time.Now(); len(samples) < 3 || time.Since(start) < limit; {
		before := time.Now()
		work(chunks)
		samples = append(samples, time.Since(before).Nanoseconds())
	}
	sort.Slice(samples, func(left, right int) bool { return samples[left] < samples[right] })
	return samples[len(samples)/2]
}

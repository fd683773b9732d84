// Frames by bufio.Scanner.
//
//	frames FILE CHUNK_LENGTH uint32|varint|lf|block bytes|strings
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"time"
)

type tally struct{ frames, lengths, firsts int }

// chunkReader reads no more than a chunk at a time, as from a socket.
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

var splits = map[string]bufio.SplitFunc{
	"uint32": func(data []byte, _ bool) (int, []byte, error) {
		if len(data) < 4 {
			return 0, nil, nil
		}
		end := 4 + int(binary.BigEndian.Uint32(data))
		if len(data) < end {
			return 0, nil, nil
		}
		return end, data[4:end], nil
	},
	"varint": func(data []byte, _ bool) (int, []byte, error) {
		length, start := binary.Uvarint(data)
		end := start + int(length)
		if start <= 0 || len(data) < end {
			return 0, nil, nil
		}
		return end, data[start:end], nil
	},
	"lf": bufio.ScanLines,
	"block": func(data []byte, _ bool) (int, []byte, error) {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			return 0, nil, nil
		}
		return end + 4, data[:end], nil
	},
}

func scan(chunks [][]byte, split bufio.SplitFunc, strings bool) tally {
	var found tally
	// A chunk that was read in part only is written down in the list.
	scanner := bufio.NewScanner(&chunkReader{append([][]byte(nil), chunks...)})
	scanner.Buffer(make([]byte, 128<<10), 1<<30)
	scanner.Split(split)
	for scanner.Scan() {
		found.frames++
		if strings {
			line := scanner.Text()
			found.lengths += len(line)
			found.firsts += int(line[0])
		} else {
			frame := scanner.Bytes()
			found.lengths += len(frame)
			found.firsts += int(frame[0])
		}
	}
	if err := scanner.Err(); err != nil {
		panic(err)
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
	for at := 0; at < len(content); at += length {
		end := at + length
		if end > len(content) {
			end = len(content)
		}
		chunks = append(chunks, append([]byte(nil), content[at:end]...))
	}
	work := func() tally { return scan(chunks, splits[os.Args[3]], os.Args[4] == "strings") }

	found := work()
	fmt.Printf("{\"frames\":%d,\"lengths\":%d,\"firsts\":%d}\n", found.frames, found.lengths, found.firsts)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		milliseconds, _ := strconv.ParseFloat(input.Text(), 64)
		fmt.Println(median(time.Duration(milliseconds*1e6), work))
	}
}

func median(limit time.Duration, work func() tally) int64 {
	var samples []int64
	for start := time.Now(); len(samples) < 3 || time.Since(start) < limit; {
		before := time.Now()
		work()
		samples = append(samples, time.Since(before).Nanoseconds())
	}
	sort.Slice(samples, func(left, right int) bool { return samples[left] < samples[right] })
	return samples[len(samples)/2]
}

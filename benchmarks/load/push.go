package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// content is noise of some size, different for each number: a block again and again, stamped so that none repeats.
type content struct {
	number, size, sent int64
	block              []byte
	rest               []byte
}

func (c *content) Read(into []byte) (int, error) {
	if len(c.rest) == 0 {
		if c.sent == c.size {
			return 0, io.EOF
		}
		binary.LittleEndian.PutUint64(c.block, uint64(c.number))
		binary.LittleEndian.PutUint64(c.block[8:], uint64(c.sent))
		c.rest = c.block[:min(int64(len(c.block)), c.size-c.sent)]
		c.sent += int64(len(c.rest))
	}
	n := copy(into, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func noise(length int) []byte {
	block := make([]byte, length)
	generator := rand.NewChaCha8([32]byte{7})
	generator.Read(block)
	return block
}

type pushed struct {
	Seconds float64 `json:"seconds"`
	P99     float64 `json:"p99"` // milliseconds, of one blob
}

// push sends each blob as containerd does: POST for a place, PUT of everything.
func push(arguments []string) (any, error) {
	flags := flag.NewFlagSet("push", flag.ExitOnError)
	blobs := flags.Int("blobs", 1, "how many")
	size := flags.Int64("size", 10_000, "bytes of each, at least 16")
	parallel := flags.Int("parallel", 1, "how many at once")
	flags.Parse(arguments)
	// Digests are the pusher's own work and are done before the clock runs.
	digests := make([]string, *blobs)
	block := noise(int(min(*size, 4<<20)))
	for i := range digests {
		hash := sha256.New()
		if _, err := io.Copy(hash, &content{number: int64(i), size: *size, block: block}); err != nil {
			return nil, err
		}
		digests[i] = "sha256:" + hex.EncodeToString(hash.Sum(nil))
	}
	took, failures := make([]time.Duration, *blobs), make([]error, *parallel)
	numbers := make(chan int, *blobs)
	for i := range *blobs {
		numbers <- i
	}
	close(numbers)
	shared := client()
	var all sync.WaitGroup
	began := time.Now()
	for worker := range *parallel {
		all.Go(func() {
			mine := bytes.Clone(block)
			for i := range numbers {
				start := time.Now()
				if failures[worker] = one(shared, flags.Arg(0), digests[i], &content{number: int64(i), size: *size, block: mine}); failures[worker] != nil {
					return
				}
				took[i] = time.Since(start)
			}
		})
	}
	all.Wait()
	seconds := time.Since(began).Seconds()
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	return pushed{seconds, percentile(took, 0.99)}, nil
}

func one(shared *http.Client, repository, digest string, body *content) error {
	answer, err := shared.Post(repository+"/blobs/uploads/", "", nil)
	if err != nil {
		return err
	}
	drain(answer)
	if answer.StatusCode != 202 {
		return fmt.Errorf("POST: %s", answer.Status)
	}
	place, err := answer.Location()
	if err != nil {
		return err
	}
	query := place.RawQuery
	if query != "" {
		query += "&"
	}
	place.RawQuery = query + "digest=" + url.QueryEscape(digest)
	request, err := http.NewRequest("PUT", place.String(), body)
	if err != nil {
		return err
	}
	request.ContentLength = body.size
	request.Header.Set("Content-Type", "application/octet-stream")
	if answer, err = shared.Do(request); err != nil {
		return err
	}
	drain(answer)
	if answer.StatusCode != 201 {
		return fmt.Errorf("PUT: %s", answer.Status)
	}
	return nil
}

func drain(answer *http.Response) {
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}

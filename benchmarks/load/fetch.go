package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 1024, DisableCompression: true, ReadBufferSize: 64 << 10, WriteBufferSize: 256 << 10,
	}}
}

type fetched struct {
	Headers []float64 `json:"headers"` // seconds to the answer's head, for each client
	First   []float64 `json:"first"`   // seconds to the first byte of the body
	Total   float64   `json:"total"`   // seconds until the last client has everything
	Bytes   int64     `json:"bytes"`   // of each client
}

// fetch starts clients at the same moment, each with a connection of its own.
func fetch(arguments []string) (any, error) {
	flags := flag.NewFlagSet("fetch", flag.ExitOnError)
	clients := flags.Int("clients", 1, "how many at once")
	digest := flags.String("digest", "", "what everyone must have received; not computed when empty")
	flags.Parse(arguments)
	result := fetched{Headers: make([]float64, *clients), First: make([]float64, *clients)}
	sizes, failures := make([]int64, *clients), make([]error, *clients)
	var all sync.WaitGroup
	began := time.Now()
	for i := range *clients {
		all.Go(func() {
			request, err := http.NewRequest("GET", flags.Arg(0), nil)
			if err != nil {
				failures[i] = err
				return
			}
			answer, err := client().Do(request)
			if err != nil {
				failures[i] = err
				return
			}
			defer answer.Body.Close()
			result.Headers[i] = time.Since(began).Seconds()
			if answer.StatusCode != 200 {
				failures[i] = errors.New(answer.Status)
				return
			}
			hash := sha256.New()
			buffer := make([]byte, 128<<10)
			for {
				n, err := answer.Body.Read(buffer)
				if n > 0 && sizes[i] == 0 {
					result.First[i] = time.Since(began).Seconds()
				}
				sizes[i] += int64(n)
				if *digest != "" {
					hash.Write(buffer[:n])
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					failures[i] = fmt.Errorf("after %d bytes: %w", sizes[i], err)
					return
				}
			}
			if got := "sha256:" + hex.EncodeToString(hash.Sum(nil)); *digest != "" && got != *digest {
				failures[i] = fmt.Errorf("received %s", got)
			}
		})
	}
	all.Wait()
	result.Total = time.Since(began).Seconds()
	result.Bytes = slices.Min(sizes)
	if slices.Max(sizes) != result.Bytes && errors.Join(failures...) == nil {
		return nil, fmt.Errorf("some received %d bytes, some %d", result.Bytes, slices.Max(sizes))
	}
	return result, errors.Join(failures...)
}

type asked struct {
	Rate   float64 `json:"rate"`   // answers a second
	Median float64 `json:"median"` // milliseconds
	P99    float64 `json:"p99"`    // milliseconds
}

// ask repeats one request without a body in its answer on some connections. The answer's head is not parsed beyond its
// status: the time is the server's.
func ask(arguments []string) (any, error) {
	flags := flag.NewFlagSet("ask", flag.ExitOnError)
	method := flags.String("method", "HEAD", "what is asked")
	accept := flags.String("accept", "*/*", "the Accept header")
	connections := flags.Int("connections", 32, "how many at once")
	seconds := flags.Float64("seconds", 3, "for how long")
	flags.Parse(arguments)
	address, err := url.Parse(flags.Arg(0))
	if err != nil {
		return nil, err
	}
	request := []byte(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAccept: %s\r\n\r\n", *method, address.RequestURI(), address.Host, *accept))
	took, failures := make([][]time.Duration, *connections), make([]error, *connections)
	var all sync.WaitGroup
	began := time.Now()
	end := began.Add(time.Duration(*seconds * float64(time.Second)))
	for i := range *connections {
		all.Go(func() { took[i], failures[i] = repeat(address.Host, request, end) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	every := slices.Concat(took...)
	return asked{float64(len(every)) / time.Since(began).Seconds(), percentile(every, 0.5), percentile(every, 0.99)}, nil
}

// percentile sorts the times and tells one of them, in milliseconds.
func percentile(times []time.Duration, part float64) float64 {
	slices.Sort(times)
	return float64(times[int(part*float64(len(times)-1))].Microseconds()) / 1000
}

func repeat(host string, request []byte, end time.Time) ([]time.Duration, error) {
	connection, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	var took []time.Duration
	for now := time.Now(); now.Before(end); {
		if _, err := connection.Write(request); err != nil {
			return nil, err
		}
		status, err := reader.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(string(status), "HTTP/1.1 200") {
			return nil, errors.New(string(status))
		}
		for line := status; len(line) > 2; {
			if line, err = reader.ReadSlice('\n'); err != nil {
				return nil, err
			}
		}
		next := time.Now()
		took = append(took, next.Sub(now))
		now = next
	}
	return took, nil
}

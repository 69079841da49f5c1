package main

import (
	"flag"
	"fmt"
	"net"
	"sync"
	"time"
)

// A link is one direction of a network: what is sent arrives later, and not faster than the rate.
type link struct {
	delay time.Duration
	rate  float64 // bytes a second; 0 is no limit

	lock sync.Mutex
	free time.Time // when the link has sent all it was given
}

// arrival reserves the link for some bytes and tells when the last of them is there.
func (l *link) arrival(bytes int) time.Time {
	now := time.Now()
	if l.rate == 0 {
		return now.Add(l.delay)
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(bytes) / l.rate * float64(time.Second)))
	return l.free.Add(l.delay)
}

type piece struct {
	bytes []byte
	due   time.Time
}

var buffers = sync.Pool{New: func() any { return make([]byte, 32<<10) }}

// carry copies from one connection to the other over the link; the first bytes wait longer by extra.
func (l *link) carry(from, to net.Conn, extra time.Duration) {
	// As much as a window of a long line holds; more makes the sender wait.
	underway := make(chan piece, 128)
	go func() {
		defer close(underway)
		for {
			buffer := buffers.Get().([]byte)
			n, err := from.Read(buffer)
			if n > 0 {
				underway <- piece{buffer[:n], l.arrival(n).Add(extra)}
				extra = 0
			}
			if err != nil {
				return
			}
		}
	}()
	failed := false
	for next := range underway {
		time.Sleep(time.Until(next.due))
		if !failed {
			if _, err := to.Write(next.bytes); err != nil {
				failed = true
				from.Close()
			}
		}
		buffers.Put(next.bytes[:cap(next.bytes)])
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	} else {
		to.Close()
	}
}

// relay is a line to a server on this machine, as long and as slow as told. Both directions are shared by all
// connections; a new connection costs one more round trip, as TCP's handshake does.
func relay(arguments []string) (any, error) {
	flags := flag.NewFlagSet("relay", flag.ExitOnError)
	target := flags.String("to", "", "address of the server")
	roundTrip := flags.Duration("round-trip", 0, "time there and back")
	rate := flags.Float64("rate", 0, "bytes a second in each direction; 0 is no limit")
	flags.Parse(arguments)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	fmt.Println(listener.Addr())
	up := &link{delay: *roundTrip / 2, rate: *rate}
	down := &link{delay: *roundTrip / 2, rate: *rate}
	for {
		client, err := listener.Accept()
		if err != nil {
			return nil, err
		}
		go func() {
			server, err := net.Dial("tcp", *target)
			if err != nil {
				client.Close()
				return
			}
			var both sync.WaitGroup
			both.Go(func() { up.carry(client, server, *roundTrip) })
			both.Go(func() { down.carry(server, client, 0) })
			both.Wait()
			client.Close()
			server.Close()
		}()
	}
}

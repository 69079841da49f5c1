// Load is what every contender of a benchmark meets alike: a client that fetches and pushes, and a slow network.
//
//	load relay -to HOST:PORT -round-trip 30ms -rate 20000000    prints the address it listens on, runs until it is ended
//	load fetch -clients 16 URL                                  the same blob by many clients at once
//	load ask -method HEAD -connections 32 -seconds 3 URL        one small answer again and again
//	load push -blobs 1000 -size 10000 -parallel 8 URL           blobs into a repository, URL is http://HOST/v2/NAME
//
// The clients print one JSON object.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) (any, error){"relay": relay, "fetch": fetch, "ask": ask, "push": push}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: load relay|fetch|ask|push [OPTIONS] URL")
		os.Exit(2)
	}
	result, err := commands[os.Args[1]](os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "load "+os.Args[1]+":", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

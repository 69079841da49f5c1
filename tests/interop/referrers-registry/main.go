// An in-memory registry with the referrers API, which the registries that Debian and the
// distribution project ship do not have. It logs each request as the others do.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

type recorder struct {
	http.ResponseWriter
	status, length int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(bytes []byte) (int, error) {
	written, err := r.ResponseWriter.Write(bytes)
	r.length += written
	return written, err
}

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	handler := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record := &recorder{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(record, r)
		fmt.Fprintf(os.Stdout, "127.0.0.1 - - [-] %q %d %d %q %q\n",
			r.Method+" "+r.RequestURI+" "+r.Proto, record.status, record.length, r.Referer(), r.UserAgent())
	})))
}

// Command proxy is the plain reverse proxy that Bauta's sends are compared with:
// it hands on to the URL of its argument and prints where it listens.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	target, err := url.Parse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// As many connections are kept as Bauta's own client keeps.
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute},
	}
	fmt.Println(listener.Addr())
	log.Fatal((&http.Server{Handler: proxy, ReadHeaderTimeout: time.Second}).Serve(listener))
}

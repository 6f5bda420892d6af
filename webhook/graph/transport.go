package graph

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Bounds of the connections to one host. HTTP/2 carries many calls on each.
const (
	maxConnections = 128
	maxIdle        = 32
)

// NewHTTP returns the client for Options.HTTP: HTTP/2 where the platform speaks it,
// bounded pools, no cookies, no redirects, and time-outs for everything but the
// transfer of bodies, which the Client bounds itself. Its Transport is an
// *http.Transport.
//
// The environment's proxy (HTTPS_PROXY, NO_PROXY) is used: the only hosts are the
// platform's own, by name and over TLS, so a proxy sees neither token nor content
// and no address is judged that it could hide; and networks where servers reach
// the internet by a proxy alone are common. It is never used towards this machine.
func NewHTTP() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		CheckRedirect: followNone,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: idleTimeout,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxConnsPerHost:       maxConnections,
			MaxIdleConns:          2 * maxIdle,
			MaxIdleConnsPerHost:   maxIdle,

			MaxResponseHeaderBytes: 64 << 10,
			// A connection that a router forgot is found before a message waits on it.
			HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		},
	}
}

func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

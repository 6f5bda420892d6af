package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Options say how much of the guard an endpoint gets. The zero value refuses
// all but https to public addresses.
type Options struct {
	AllowPrivate, AllowHTTP bool
	// Connections kept and opened at most, 0: 32.
	Connections int
	// Roots that TLS trusts; nil: the system's.
	Roots *x509.CertPool
	// Resolver of names; nil: the system's. Its answers are judged all the same.
	Resolver *net.Resolver
}

// Transport is a guarded http.RoundTripper for one endpoint, with connections
// of its own. It follows no redirect, uses no proxy (the environment's is
// ignored: behind one the guard would judge the proxy's address), and sends
// nothing to a URL that CheckURL refuses. Safe for concurrent use.
type Transport struct {
	o     Options
	rules []rule
	base  *http.Transport
}

// New returns a Transport. Refusals are errors that errors.As finds a *RefusedError
// in.
func New(o Options) *Transport {
	t := &Transport{o: o, rules: rules()}
	n := o.Connections
	if n <= 0 {
		n = 32
	}
	d := &net.Dialer{
		Timeout:        10 * time.Second,
		KeepAlive:      30 * time.Second,
		Resolver:       o.Resolver,
		ControlContext: t.control,
	}
	t.base = &http.Transport{
		Proxy:                  nil,
		DialContext:            d.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxConnsPerHost:        n,
		MaxIdleConns:           n,
		MaxIdleConnsPerHost:    n,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := check(r.URL, t.o, t.rules); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // the contract of RoundTripper; nothing was read from it
		}
		return nil, err
	}
	return t.base.RoundTrip(r)
}

// CloseIdleConnections lets the connections go that are not in use.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// control runs between the making of a socket and its connecting. address is
// the one that is connected to, whatever the URL or the name server said.
func (t *Transport) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return &RefusedError{Network}
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &RefusedError{Malformed}
	}
	return permit(ap.Addr(), t.o, t.rules)
}

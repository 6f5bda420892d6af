package graph_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bauta/webhook/graph"
)

// secure is a server over TLS with HTTP/2, and a client of the product's transport.
func secure(t testing.TB, far http.HandlerFunc) (*httptest.Server, *graph.Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(far)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := graph.NewHTTP()
	client.Transport.(*http.Transport).TLSClientConfig.RootCAs = x509.NewCertPool()
	client.Transport.(*http.Transport).TLSClientConfig.RootCAs.AddCert(server.Certificate())
	c, err := graph.New(graph.Options{URL: server.URL, Version: "v25.0", HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	return server, c
}

func TestManyCallsShareConnectionsByHTTP2(t *testing.T) {
	t.Parallel()
	var sources sync.Map
	_, c := secure(t, func(w http.ResponseWriter, r *http.Request) {
		sources.Store(r.RemoteAddr, true)
		body, _ := io.ReadAll(r.Body)
		if r.ProtoMajor != 2 || string(body) != string(send().Body) {
			t.Errorf("%s, %s", r.Proto, body)
		}
		_, _ = io.WriteString(w, "{}")
	})
	if _, err := c.Call(t.Context(), send()); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 1000 {
		wait.Go(func() {
			if _, err := c.Call(t.Context(), send()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	n := 0
	sources.Range(func(any, any) bool { n++; return true })
	if n > 16 {
		t.Errorf("%d connections for 1000 calls", n)
	}
}

func TestHTTP2TellsWhatMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 8)
	_, c := secure(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		if r.Method == http.MethodPost {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := c.Call(ctx, send())
	wantKind(t, err, graph.Canceled)
	wantSent(t, err, true)

	get := send()
	get.Method, get.Body = http.MethodGet, nil
	_, err = c.Call(t.Context(), get)
	wantKind(t, err, graph.Unreachable)
	wantSent(t, err, true)
	if len(arrived) != 2 {
		t.Errorf("%d requests of a look-up, want 2", len(arrived))
	}

	var server *httptest.Server
	server, c = secure(t, nil)
	server.Close()
	_, err = c.Call(t.Context(), send())
	wantKind(t, err, graph.Unreachable)
	wantSent(t, err, false)
}

func TestACertificateOfAnotherIsNotTalkedTo(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	c, err := graph.New(graph.Options{URL: server.URL, Version: "v25.0", HTTP: graph.NewHTTP()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Call(t.Context(), send())
	wantKind(t, err, graph.Unreachable)
	wantSent(t, err, false)
}

// TestAnOldConnectionThatClosedCostsNothing: the transport finds a connection
// closed that it kept, and the message goes out once, by another.
func TestAnOldConnectionThatClosedCostsNothing(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c, err := graph.New(graph.Options{URL: server.URL, Version: "v25.0", HTTP: graph.NewHTTP()})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.Call(t.Context(), send()); err != nil {
			e, ok := errors.AsType[*graph.Error](err)
			if !ok || !e.MaybeSent() { // the close may come while the request goes out
				t.Fatal(err)
			}
		}
		server.CloseClientConnections()
	}
	if served.Load() > 3 {
		t.Errorf("served %d times, want each once", served.Load())
	}
}

// TestASlowHandshakeIsNotSent: TCP connects, TLS never does.
func TestASlowHandshakeIsNotSent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c, err := graph.New(graph.Options{
		URL: "https://" + l.Addr().String(), Version: "v25.0", HTTP: graph.NewHTTP(), CallTimeout: 50_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Call(t.Context(), send())
	wantKind(t, err, graph.TooSlow)
	wantSent(t, err, false)
	if strings.Contains(err.Error(), l.Addr().String()) {
		t.Error(err)
	}
}

func TestNewHTTPIsBounded(t *testing.T) {
	t.Parallel()
	c := graph.NewHTTP()
	tr := c.Transport.(*http.Transport)
	if c.Jar != nil || c.CheckRedirect == nil || tr.Proxy == nil || tr.MaxConnsPerHost == 0 || tr.MaxIdleConnsPerHost == 0 ||
		tr.MaxIdleConns == 0 || tr.TLSHandshakeTimeout == 0 || tr.ResponseHeaderTimeout == 0 || tr.IdleConnTimeout == 0 || tr.MaxResponseHeaderBytes == 0 {
		t.Errorf("%+v", tr)
	}
}

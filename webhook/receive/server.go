package receive

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

// Time and size bounds of every connection.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 120 * time.Second
	headerBytes   = 16 << 10
)

// MostConnections is how many connections a server may have open, whatever the machine has.
const MostConnections = 16 << 10

// Connections bounds how many connections a server has open. Beyond it one is closed,
// and Closed, which may be nil, is told which: "idle" (the longest idle one gave way to
// a new one) or "new" (all are at work). Closed is called from several goroutines.
type Connections struct {
	Most   int
	Closed func(reason string)
}

// Which connection was closed; a closed set and a metric's label.
const (
	closedIdle = "idle"
	closedNew  = "new"
)

// NewServer returns a server with bounds on headers, reading, writing, idling and
// connections. Shutdown lets requests finish that have begun. The library's own log is
// dropped: it quotes what strangers send.
func NewServer(address string, handler http.Handler, secure *tls.Config, bound Connections) *http.Server {
	if bound.Closed == nil {
		bound.Closed = func(string) {}
	}
	return &http.Server{
		ConnState:         newCrowd(bound.Most, bound.Closed).state,
		Addr:              address,
		Handler:           handler,
		TLSConfig:         secure,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}

// TLSFiles are PEM files. ClientCA signs the platform's client certificates; ""
// asks for none.
type TLSFiles struct{ Cert, Key, ClientCA string }

// TLSConfig reads the files. A client certificate is verified if one is given:
// the business's side of the same listener has none, so the webhook handler
// insists on it, not the handshake.
func TLSConfig(f TLSFiles) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("tls.cert and tls.key cannot be used (check both files and that they belong together): %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if f.ClientCA == "" {
		return config, nil
	}
	chain, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("tls.client_ca cannot be read (check the path): %w", err)
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !config.ClientCAs.AppendCertsFromPEM(chain) {
		return nil, errors.New("tls.client_ca holds no certificate (it must be a PEM file)")
	}
	return config, nil
}

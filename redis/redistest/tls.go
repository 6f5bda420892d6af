package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Authority signs certificates for a test's servers and clients.
type Authority struct {
	// CA is the file of its own certificate.
	CA   string
	dir  string
	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority that nobody knows.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{dir: t.TempDir(), key: newKey(t)}
	a.root = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.CA, _ = a.sign(t, a.root, a.key)
	return a
}

// Certificate returns the files of a certificate for an address or a name, and of its
// key, valid until then.
func (a *Authority) Certificate(t testing.TB, host string, until time.Time) (cert, key string) {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	return a.sign(t, c, newKey(t))
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *Authority) sign(t testing.TB, c *x509.Certificate, key *ecdsa.PrivateKey) (cert, private string) {
	t.Helper()
	signed, err := x509.CreateCertificate(rand.Reader, c, a.root, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(a.dir, c.SerialNumber.String())
	for file, block := range map[string]*pem.Block{name + ".crt": {Type: "CERTIFICATE", Bytes: signed}, name + ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return name + ".crt", name + ".key"
}

// Settings are those of a server that speaks TLS at a port of its own, besides the plain
// one, and of the URL's address there. Clients need a certificate of the authority where
// they are asked for one.
func (a *Authority) Settings(t testing.TB, cert, key string, clients bool) (settings []string, address string) {
	t.Helper()
	port, ask := strconv.Itoa(FreePort(t)), "no"
	if clients {
		ask = "yes"
	}
	return []string{
		"--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", a.CA, "--tls-auth-clients", ask,
	}, net.JoinHostPort("127.0.0.1", port)
}

// Secured is a server's URL with TLS at another address.
func Secured(url, plain, address string) string {
	return strings.Replace(strings.Replace(url, "redis", "rediss", 1), plain, address, 1)
}

// Sentinel starts a server and one sentinel that watches it, both with TLS, and returns
// them and the sentinel's address for it.
func (a *Authority) Sentinel(t testing.TB) (server, watcher *Server, address string) {
	t.Helper()
	cert, key := a.Certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	settings, master := a.Settings(t, cert, key, false)
	server = Standalone(t, append(settings, "--tls-replication", "yes")...)
	settings, address = a.Settings(t, cert, key, false)
	watcher = sentinel(t, strings.Replace(master, ":", " ", 1), append(settings, "--tls-replication", "yes")...)
	return server, watcher, address
}
